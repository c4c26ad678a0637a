"""The secret for changes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flowrun.errors import UsageError
from flowrun.web.token import is_same, kept_token, read_token, usable


def test_a_token_is_made_once_and_only_for_this_user(tmp_path: Path) -> None:
    """The second server of a project takes the token of the first."""
    token, file, is_new = kept_token(tmp_path)

    assert is_new
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_token(tmp_path) == (token, file, False)
    assert read_token(file) == token


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_token_that_others_know_is_made_anew(tmp_path: Path, mode: int) -> None:
    """A file that others may read or write is no secret."""
    token, file, _ = kept_token(tmp_path)
    file.chmod(mode)

    assert kept_token(tmp_path)[0] != token
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """Nothing is written where somebody else has pointed to."""
    target = tmp_path / "target"
    target.write_text("planted-token-0123456789")
    target.chmod(0o600)
    (tmp_path / ".flowrun").mkdir()
    (tmp_path / ".flowrun" / "token").symlink_to(target)

    token, file, _ = kept_token(tmp_path)
    assert token != "planted-token-0123456789"
    assert not file.is_symlink()


@pytest.mark.parametrize(
    "token", ["", "short", "x" * 513, "with blanks in it 0123", "ümlaut-0123456789-abc", "line\nbreak-0123456789"]
)
def test_what_is_no_token(token: str) -> None:
    """What could be guessed, or cannot stand in a header."""
    with pytest.raises(UsageError, match="the token"):
        usable(token, "the token")


def test_tokens_are_compared_whole() -> None:
    """Neither a part nor more than it is the same."""
    assert is_same("abc", "abc")
    assert not any(is_same(one, "abc") for one in ("", "ab", "abcd", "abC", "\ud800"))
