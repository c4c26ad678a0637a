# syntax=docker/dockerfile:1
# The runner in a container:  docker build -t flowrun .
#                             docker run --rm -v "$PWD:/job" flowrun -j jobdefs/demo.yaml
# The job's project is mounted at /job; state and logs are written there.

FROM python:3.13-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.*
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY flowrun ./flowrun
ENV UV_PROJECT_ENVIRONMENT=/opt/flowrun UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
RUN uv sync --frozen --no-dev --no-editable --extra notify

FROM python:3.13-slim-bookworm
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
