"""What pyworkflow's documents show, with flowrun."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.request import urlopen

from flowrun import Job, Member, Parallel, Serial
from flowrun.task import Task, current_task


class Site(BaseHTTPRequestHandler):
    """Stands for the internet."""

    def do_GET(self) -> None:
        body = f"page {self.path}".encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"


def http(path: str) -> str:
    with urlopen(f"{base}/{path}") as response:
        return f"{response.status} {response.read().decode()}"


def page(path: str) -> Member[str]:
    return Member(http, path, {"path": path}, max_attempts=3)


# One request.

single = Job("single")
single.add(page("a"))
print(single.run_sync(raises=True)["a"])

# One after the other, with a last step; steps can be put at both ends.

series = Serial(page("b"), name="series")
series.push_back(page("c"))
series.push_front(page("a"))
job = Job("series")
job.add(series)
job.add(lambda: "All tasks in this series are done", name="last", depends_on=[series], run_if="done")
report = job.run_sync()
print(report["series"], report["last"], sep="\n")

# At the same time; the results are in the order of definition. A parallel may be in a series.

parallel = Job("parallel")
parallel.add(Serial(Parallel(*map(page, "abc"), name="pages"), Member(lambda: "done", name="last"), name="all"))
report = parallel.run_sync()
print(list(report["all"]["pages"]), report["all"]["last"])

# A series that grows while it runs, and one that is cancelled from inside.


class Crawl(Task):
    """Adds a step for each page that it finds."""

    async def run(self) -> None:
        before: list[str] = []
        for path in ("x", "y"):
            before = [self.spawn(Fetch, {"path": path}, name=path, after=before)]


class Fetch(Task):
    path: str

    def run(self) -> str:
        return http(self.path)


def enough() -> None:
    current_task().leave_out_rest()


dynamic = Job("dynamic")
dynamic.add(Serial(Crawl, enough, page("never"), name="growing"))
dynamic.add(Serial(page("z"), name="dismissed")).dismiss()
report = dynamic.run_sync()
for name, task in report.tasks.items():
    print(name, task.state.name)
server.shutdown()
server.server_close()
