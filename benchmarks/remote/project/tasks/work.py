"""Work for processors: the handlers `fibonacci` and `checksum` of the Go worker, in Python."""

from hashlib import sha256
from pathlib import Path

from flowrun.task import task


def _fibonacci(n: int) -> int:
    return 1 if n <= 2 else _fibonacci(n - 1) + _fibonacci(n - 2)


@task
def fibonacci(n: int) -> int:
    """A number of the Fibonacci series, in the slowest way."""
    return _fibonacci(n)


@task
def checksum(path: str) -> dict[str, object]:
    """One digest of all files below a directory."""
    names = sorted(str(file.relative_to(path)) for file in Path(path).rglob("*") if file.is_file())
    whole, size = sha256(), 0
    for name in names:
        data = Path(path, name).read_bytes()
        size += len(data)
        whole.update(f"{sha256(data).hexdigest()}  {name}\n".encode())
    return {"sha256": whole.hexdigest(), "files": len(names), "bytes": size}
