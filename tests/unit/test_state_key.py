"""The key with which pickled values are signed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from flowrun.errors import StateError
from flowrun.state_key import is_signed, signature, state_key


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("FLOWRUN_STATE_KEY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "flowrun"


def test_the_variable_is_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several hosts share a key by FLOWRUN_STATE_KEY."""
    monkeypatch.setenv("FLOWRUN_STATE_KEY", "0123456789abcdef")

    assert state_key() == b"0123456789abcdef"


def test_a_short_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that can be guessed signs nothing."""
    monkeypatch.setenv("FLOWRUN_STATE_KEY", "secret")

    with pytest.raises(StateError, match=r"FLOWRUN_STATE_KEY is too short"):
        state_key()


def test_a_key_file_is_made_that_only_this_user_can_read(home: Path) -> None:
    """The mode does not depend on the umask."""
    before = os.umask(0)
    try:
        key = state_key()
    finally:
        os.umask(before)

    file = home / "state.key"
    assert file.read_bytes().strip() == key
    assert len(key) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert os.listdir(home) == ["state.key"]


def test_the_key_that_is_there_is_used(home: Path) -> None:
    """The second process signs as the first did."""
    home.mkdir(parents=True)
    (home / "state.key").write_text("fedcba9876543210fedcba9876543210\n")
    (home / "state.key").chmod(0o600)

    assert state_key() == b"fedcba9876543210fedcba9876543210"


def test_the_home_directory_is_found_without_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without XDG_STATE_HOME, or with one that is not absolute, the key is under ~/.local/state."""
    monkeypatch.delenv("FLOWRUN_STATE_KEY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))

    key = state_key()

    assert (tmp_path / ".local/state/flowrun/state.key").read_bytes().strip() == key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_key_that_others_can_reach_is_refused(home: Path, mode: int) -> None:
    """Whoever can read or write the key can sign code that would be run."""
    home.mkdir(parents=True)
    (home / "state.key").write_text("fedcba9876543210fedcba9876543210\n")
    (home / "state.key").chmod(mode)

    with pytest.raises(StateError, match=r"state\.key must belong to this user alone"):
        state_key()


def test_a_link_is_not_followed(home: Path, tmp_path: Path) -> None:
    """A key file is a file of this user, not something that was put in its place."""
    (tmp_path / "other").write_text("fedcba9876543210fedcba9876543210\n")
    (tmp_path / "other").chmod(0o600)
    home.mkdir(parents=True)
    (home / "state.key").symlink_to(tmp_path / "other")

    with pytest.raises(StateError, match=r"state\.key cannot be made or read"):
        state_key()


def test_an_empty_key_file_is_refused(home: Path) -> None:
    """It is not silently made anew: what was signed with the old key would be lost unseen."""
    home.mkdir(parents=True)
    (home / "state.key").touch(0o600)

    with pytest.raises(StateError, match="is damaged"):
        state_key()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the path, the system's words, and the way out."""
    monkeypatch.delenv("FLOWRUN_STATE_KEY", raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    with pytest.raises(StateError, match=r"file/flowrun/state\.key .*Not a directory; set FLOWRUN_STATE_KEY"):
        state_key()


def test_a_signature_is_of_the_data_and_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither other data nor another key fits."""
    monkeypatch.setenv("FLOWRUN_STATE_KEY", "0123456789abcdef")
    signed = signature(b"data")

    assert is_signed(b"data", signed)
    assert not is_signed(b"date", signed)
    monkeypatch.setenv("FLOWRUN_STATE_KEY", "fedcba9876543210")
    assert not is_signed(b"data", signed)
