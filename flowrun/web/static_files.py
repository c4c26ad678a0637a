"""StaticFiles: the files of the page. Nothing of a request becomes a path; its text is compared with their names."""

from __future__ import annotations

import gzip
import html
import os
import re
from dataclasses import dataclass
from hashlib import blake2b
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
_TEXTS = {".js", ".mjs", ".css", ".svg"}
_OTHER = "text/plain; charset=utf-8"
_INDEX = "index.html"
_BASE = b'<base href="/">'
_VERSION = re.compile("@[0-9a-f]{12}/")
_KEPT = "public, max-age=31536000, immutable"
_ASKED_FOR = "no-cache"


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    stamp: tuple[int, int]
    data: bytes
    packed: bytes
    """The same as gzip; empty if it is packed already."""
    tag: str


class StaticFiles:
    """The files of the page, read once and again when they have changed.

    The page names its files with a version, so that a browser keeps them until there are others.
    """

    def __init__(self, root_path: str, directory: Path = _DIRECTORY) -> None:
        self._directory = directory
        self._base = f'<base href="{html.escape(root_path)}/">'.encode()
        self._files: dict[str, _File] = {}
        self._version = ""

    def index(self, request: Request) -> Response:
        """The page itself, whatever its address."""
        self._read_all()
        data = self._page()
        headers = {"ETag": etag_of(data), "Cache-Control": _ASKED_FOR}
        if has(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(data, headers=headers, media_type=_KINDS[".html"])

    def nowhere(self) -> Response:
        """The page for an address that it does not have: it says so itself."""
        self._read_all()
        return Response(self._page(), 404, {"Cache-Control": "no-store"}, _KINDS[".html"])

    def file(self, request: Request, name: str) -> Response:
        """A file by its name, as `vendor/preact.mjs`, with or without a version before it.

        Raises Refusal if there is none.
        """
        version = _VERSION.match(name)
        found = self._found(name[version.end() :] if version else name)
        if found is None:
            raise Refusal(404, "the page has no such file")
        is_current = version is not None and version[0] == self._version
        headers = {"ETag": found.tag, "Cache-Control": _KEPT if is_current else _ASKED_FOR, "Vary": "Accept-Encoding"}
        if has(request, found.tag):
            return Response(status_code=304, headers=headers)
        is_packed = found.packed and "gzip" in request.headers.get("accept-encoding", "")
        if is_packed:
            headers["Content-Encoding"] = "gzip"
        kind = _KINDS.get(found.path.suffix, _OTHER)
        return Response(found.packed if is_packed else found.data, headers=headers, media_type=kind)

    def _page(self) -> bytes:
        found = self._files.get(_INDEX)
        data = found.data if found else b""
        return data.replace(_BASE, self._base).replace(b'="static/', f'="static/{self._version}'.encode())

    def _found(self, name: str) -> _File | None:
        known = self._files.get(name)
        if known is None or _stamp(known.path) != known.stamp:
            self._read_all()
            known = self._files.get(name)
        return known

    def _read_all(self) -> None:
        """Files of which none has changed are not read again."""
        before, files = self._files, dict[str, _File]()
        for directory, _directories, names in os.walk(self._directory):
            for file_name in names:
                path = Path(directory, file_name)
                name = path.relative_to(self._directory).as_posix()
                stamp, known = _stamp(path), before.get(name)
                files[name] = known if known and known.stamp == stamp else _read(path, stamp)
        if files != before:
            tags = "".join(f"{name}{files[name].tag}" for name in sorted(files))
            self._files, self._version = files, f"@{blake2b(tags.encode(), digest_size=6).hexdigest()}/"


def _read(path: Path, stamp: tuple[int, int]) -> _File:
    data = path.read_bytes()
    is_text = path.suffix in _TEXTS
    return _File(path, stamp, data, gzip.compress(data, 9, mtime=0) if is_text else b"", etag_of(data))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
