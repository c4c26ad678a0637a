"""The files of the page."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from starlette.requests import Request

from flowrun.web.refusal import Refusal
from flowrun.web.static_files import StaticFiles


def request(**headers: str) -> Request:
    """A request with these headers."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


@pytest.fixture
def files(tmp_path: Path) -> StaticFiles:
    """A small page, and a file beside its directory."""
    directory = tmp_path / "static"
    (directory / "vendor").mkdir(parents=True)
    (directory / "index.html").write_text('<base href="/"><p>page')
    (directory / "vendor" / "a.js").write_text("export {}")
    (tmp_path / "outside").write_text("secret")
    return StaticFiles('/flow"run', directory)


def test_a_file_is_given_with_its_kind_and_tag(files: StaticFiles) -> None:
    """With the tag it is not sent again."""
    answer = files.file(request(), "vendor/a.js")

    assert (bytes(answer.body), answer.media_type) == (b"export {}", "text/javascript; charset=utf-8")
    again = files.file(request(if_none_match=answer.headers["etag"]), "vendor/a.js")
    assert (again.status_code, bytes(again.body)) == (304, b"")


def test_a_file_that_changed_is_read_again(files: StaticFiles, tmp_path: Path) -> None:
    """Who works on the page sees it."""
    before = files.file(request(), "vendor/a.js").headers["etag"]
    (tmp_path / "static" / "vendor" / "a.js").write_text("export {a}")

    after = files.file(request(if_none_match=before), "vendor/a.js")
    assert bytes(after.body) == b"export {a}"


def test_what_the_page_names_is_kept_until_it_changes(files: StaticFiles, tmp_path: Path) -> None:
    """Its files have a version in their addresses, which is another one as soon as any of them has changed."""
    (tmp_path / "static" / "index.html").write_text('<base href="/"><script src="static/vendor/a.js">')

    def named() -> str:
        return bytes(files.index(request()).body).decode().split('src="static/')[1].split('"')[0]

    first = named()
    assert "immutable" in files.file(request(), first).headers["cache-control"]
    assert files.file(request(), "vendor/a.js").headers["cache-control"] == "no-cache"
    (tmp_path / "static" / "vendor" / "a.js").write_text("export {a}")
    second = named()
    assert second != first
    late = files.file(request(), first)
    assert (bytes(late.body), late.headers["cache-control"]) == (b"export {a}", "no-cache")


def test_text_is_packed_for_those_who_unpack_it(files: StaticFiles, tmp_path: Path) -> None:
    """Others receive it as it is."""
    text = "export const a = 1;\n" * 100
    (tmp_path / "static" / "vendor" / "a.js").write_text(text)

    packed = files.file(request(accept_encoding="gzip, br"), "vendor/a.js")
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert len(packed.body) < len(text) / 5
    assert gzip.decompress(bytes(packed.body)).decode() == text
    assert bytes(files.file(request(), "vendor/a.js").body).decode() == text


def test_the_page_knows_where_it_is(files: StaticFiles) -> None:
    """Behind a proxy its links begin there."""
    assert bytes(files.index(request()).body) == b'<base href="/flow&quot;run/"><p>page'
    assert files.nowhere().status_code == 404


@pytest.mark.parametrize(
    "name", ["../outside", "vendor/../../outside", "/etc/passwd", "vendor", "", ".", "vendor/a.js/", "a\0"]
)
def test_nothing_else_is_given(files: StaticFiles, name: str) -> None:
    """A name is compared with those that there are, and is never a path."""
    with pytest.raises(Refusal):
        files.file(request(), name)
