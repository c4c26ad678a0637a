"""Guard: lets those requests through that this server is meant for, before anything of them is read."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .hosts import Hosts
from .refusal import Refusal
from .settings import Settings
from .token import is_same

_LARGEST_BODY = 64 * 1024
_LARGEST_HEAD = 16 * 1024
_READING = ("GET", "HEAD", "OPTIONS")
_API = "/api/"
_ENDLESS = "/stream"
_OPEN = ("/healthz", "/readyz")

_ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Refuses strangers, other sites, changes without the token, and bodies that are too large."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = Hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have it answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "path": self._below_root(str(scope["path"]))}
        answer = _guarded(send, is_head=scope["method"] == "HEAD")
        try:
            self._check(scope)
        except Refusal as refusal:
            await refusal.response()(scope, receive, answer)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, _limited(receive), answer)

    def _below_root(self, path: str) -> str:
        """The path as routes know it, whether or not the proxy has taken away where it has put the page."""
        before = self._settings.root_path
        return path.removeprefix(before) if before and path.startswith(f"{before}/") else path

    def _check(self, scope: Scope) -> None:
        """Raise Refusal for a request that is not to be answered."""
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LARGEST_HEAD:
            raise Refusal(431, f"the head of a request may have {_LARGEST_HEAD} bytes at most")
        headers, path, method = Headers(scope=scope), str(scope["path"]), str(scope["method"])
        if method == "HEAD" and path.endswith(_ENDLESS):
            raise Refusal(405, "a stream has no end, and no length", headers={"Allow": "GET"})
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._hosts.has(hosts[0]):
            raise Refusal(421, "this server is not known under that name; `flowrun serve --allow-host NAME` adds one")
        is_change = method not in _READING
        if path.startswith(_API) or is_change:
            _check_site(headers, hosts[0])
        if path in _OPEN:
            return
        if is_change and self._settings.is_read_only:
            raise Refusal(403, "this server only shows: it was started with --read-only")
        if needs_token(method, path, self._settings):
            self._check_token(headers)
        if is_change:
            _check_body(headers)

    def _check_token(self, headers: Headers) -> None:
        given = headers.getlist("authorization")
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        expected = self._settings.token
        if not expected or scheme.lower() != "bearer" or not is_same(token.strip(), expected):
            needed = "the token is wrong" if given else "this needs the token of the server"
            raise Refusal(
                401,
                f"{needed}: send it as `Authorization: Bearer TOKEN`; `flowrun serve` said where it is",
                headers={"WWW-Authenticate": 'Bearer realm="flowrun"'},
            )


def needs_token(method: str, path: str, settings: Settings) -> bool:
    """Whether a request is only answered with the token."""
    if method not in _READING:
        return True
    return settings.is_token_given and (path.startswith(_API) or path == "/metrics")


def _check_site(headers: Headers, host: str) -> None:
    """A browser says which page asks. Programs say nothing, and are no page."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        raise Refusal(403, "pages of other sites may not ask this server")
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Refusal(403, "pages of other sites may not ask this server")


def _check_body(headers: Headers) -> None:
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > _LARGEST_BODY:
        raise Refusal(413, f"a request may have {_LARGEST_BODY} bytes at most", headers={"Connection": "close"})
    has_body = length != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and kind != "application/json":
        raise Refusal(415, "the body must be JSON, with `Content-Type: application/json`")


def _limited(receive: Receive) -> Receive:
    """The same, which ends the request when more comes than a body may have and its length was not told."""
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > _LARGEST_BODY:
            raise Refusal(413, f"a request may have {_LARGEST_BODY} bytes at most", headers={"Connection": "close"})
        return message

    return limited


def _guarded(send: Send, *, is_head: bool) -> Send:
    """The same, which adds the headers that every answer has; the answer to a HEAD has nothing else."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _ALWAYS.items():
                headers[name] = value
        elif is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return guarded
