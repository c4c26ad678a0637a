"""UserSettings: what a user has set for all jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.errors import DefinitionError
from flowrun.user_settings import UserSettings


def settings(tmp_path: Path, text: str) -> UserSettings:
    (tmp_path / "config.toml").write_text(text)
    return UserSettings({"FLOWRUN_CONFIG": str(tmp_path / "config.toml")})


def test_pools_have_names_and_slots(tmp_path: Path) -> None:
    """However TOML writes them."""
    assert settings(tmp_path, '[pools]\nwarehouse = 4\n"a b" = 1\n').pools == {"warehouse": 4, "a b": 1}
    assert settings(tmp_path, "pools = {warehouse = 4}").pools == {"warehouse": 4}
    assert settings(tmp_path, "").pools == {}


def test_the_file_is_where_users_expect_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative directory is no directory of configurations."""
    monkeypatch.setenv("HOME", str(tmp_path))

    assert UserSettings({"XDG_CONFIG_HOME": "/etc/mine"}).file == "/etc/mine/flowrun/config.toml"
    assert UserSettings({"XDG_CONFIG_HOME": "mine"}).file == f"{tmp_path}/.config/flowrun/config.toml"
    assert UserSettings({}).pools == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[pools]\n\na = 0", 3),
        ("[pools]\na = true", 2),
        ("[pools]\na = 1001", 2),
        ("[pools]\na.b = 1", 2),
        ("[pool]\na = 1", 1),
        ("x = 1", 1),
        ("[pools]\na = 1\na = 2", 3),
        ("pools = [1]", 1),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    """The file and the line, so that it is found."""
    with pytest.raises(DefinitionError) as refused:
        settings(tmp_path, text).pools

    (problem,) = refused.value.problems
    assert problem.code == "FR414"
    assert (problem.place.file, problem.place.line) == (str(tmp_path / "config.toml"), line)
