"""StaticFiles: the files of the page. Nothing of a request becomes a path; its text is compared with their names."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from .answer import etag_of, has
from .refusal import Refusal

_DIRECTORY = Path(__file__).parent / "static"
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
_OTHER = "text/plain; charset=utf-8"
_INDEX = "index.html"
_BASE = b'<base href="/">'


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    stamp: tuple[int, int]
    data: bytes
    tag: str


class StaticFiles:
    """The files of the page, read once and again when they have changed."""

    def __init__(self, root_path: str, directory: Path = _DIRECTORY) -> None:
        self._directory = directory
        self._base = f'<base href="{html.escape(root_path)}/">'.encode()
        self._files: dict[str, _File] = {}

    def index(self, request: Request) -> Response:
        """The page itself, whatever its address."""
        return self.file(request, _INDEX)

    def nowhere(self) -> Response:
        """The page for an address that it does not have: it says so itself."""
        found = self._found(_INDEX)
        data = found.data if found else b""
        return Response(data, 404, {"Cache-Control": "no-store"}, _KINDS[".html"])

    def file(self, request: Request, name: str) -> Response:
        """A file by its name, as `vendor/preact.mjs`. Raises Refusal if there is none."""
        found = self._found(name)
        if found is None:
            raise Refusal(404, "the page has no such file")
        headers = {"ETag": found.tag, "Cache-Control": "no-cache"}
        if has(request, found.tag):
            return Response(status_code=304, headers=headers)
        return Response(found.data, headers=headers, media_type=_KINDS.get(found.path.suffix, _OTHER))

    def _found(self, name: str) -> _File | None:
        known = self._files.get(name)
        if known is None or _stamp(known.path) != known.stamp:
            self._read_all()
            known = self._files.get(name)
        return known

    def _read_all(self) -> None:
        """Files of which none has changed are not read again."""
        before, self._files = self._files, {}
        for directory, _directories, names in os.walk(self._directory):
            for file_name in names:
                path = Path(directory, file_name)
                name = path.relative_to(self._directory).as_posix()
                stamp, known = _stamp(path), before.get(name)
                self._files[name] = known if known and known.stamp == stamp else self._read(path, name, stamp)

    def _read(self, path: Path, name: str, stamp: tuple[int, int]) -> _File:
        data = path.read_bytes()
        if name == _INDEX:
            data = data.replace(_BASE, self._base)
        return _File(path, stamp, data, etag_of(data))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
