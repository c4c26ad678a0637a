# syntax=docker/dockerfile:1
# The runner in a container:  docker build -t flowrun .
#                             docker run --rm -v "$PWD:/job" flowrun -j jobdefs/demo.yaml
# The job's project is mounted at /job; state and logs are written there.
#
# Other images, by `--target`:
#   go-worker       the worker in Go with its ready handlers; nothing else is in it
#   python-worker   `flowrun worker` for the tasks of the project at /job
# Both learn from FLOWRUN_REDIS_URL and FLOWRUN_QUEUE what they serve.

FROM golang:1.26-bookworm AS go-build
WORKDIR /src/go_worker
COPY go_worker/go.mod go_worker/go.sum ./
RUN go mod download
COPY go_worker ./
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/flowrun-worker ./cmd/flowrun-worker

FROM gcr.io/distroless/static-debian12:nonroot AS go-worker
COPY --from=go-build /out/flowrun-worker /flowrun-worker
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["/flowrun-worker", "health"]
ENTRYPOINT ["/flowrun-worker"]

FROM python:3.13-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.*
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY flowrun ./flowrun
ENV UV_PROJECT_ENVIRONMENT=/opt/flowrun UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
RUN uv sync --frozen --no-dev --no-editable --extra notify --extra redis --extra web

FROM python:3.13-slim-bookworm AS runner
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini=0.19.* \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/flowrun /opt/flowrun
ENV PATH=/opt/flowrun/bin:$PATH PYTHONUNBUFFERED=1 XDG_STATE_HOME=/job/.flowrun/home
WORKDIR /job
USER 65532:65532
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "flowrun"]
CMD ["--help"]

FROM runner AS python-worker
ENV FLOWRUN_LISTEN=127.0.0.1:9464
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
CMD ["worker"]

FROM runner
