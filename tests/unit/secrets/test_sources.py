"""Where secrets come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.errors import DefinitionError
from flowrun.secrets import Secrets
from flowrun.secrets.dotenv import DotenvSecrets
from flowrun.secrets.dotenv_file import dotenv_values
from flowrun.secrets.environment import EnvironmentSecrets
from flowrun.secrets.files import FileSecrets
from flowrun.secrets.search import search
from flowrun.secrets.secret_values import SecretValues


def test_the_environment_has_secrets_under_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one, the name is that of the variable."""
    monkeypatch.setenv("PROD_TOKEN", "abcd")

    assert EnvironmentSecrets(prefix="PROD_").get("TOKEN") == "abcd"
    assert EnvironmentSecrets().get("PROD_TOKEN") == "abcd"
    assert EnvironmentSecrets().get("TOKEN_THAT_NOBODY_SET") is None


def test_a_dotenv_file_is_read_as_it_stands(tmp_path: Path) -> None:
    """Quotes and `export` are as usual; `$` has no meaning, since passwords have it too."""
    (tmp_path / ".env").write_text("# mine\nA=plain\nexport B='with space'\nC=\"two\\nlines\"\nD=a$b${A}\nE=\nF\n")
    source = DotenvSecrets()
    source.settle(tmp_path)

    assert [source.get(name) for name in "ABCDEFG"] == ["plain", "with space", "two\nlines", "a$b${A}", "", None, None]


def test_without_a_dotenv_file_there_are_no_values(tmp_path: Path) -> None:
    """Most projects have none."""
    assert dotenv_values(tmp_path / ".env") == {}


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"A=1\nnot a line\n", 2, "`NAME=VALUE`"),
        (b"A='half\nB=1", 1, "`NAME=VALUE`"),
        (b"A=\xff", 0, "not text in UTF-8"),
    ],
)
def test_a_dotenv_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, line: int, words: str) -> None:
    """G12: the line is named, and never shown."""
    file = tmp_path / ".env"
    file.write_bytes(content)

    with pytest.raises(DefinitionError) as caught:
        dotenv_values(file)
    [problem] = caught.value.problems
    assert (problem.code, problem.place.file, problem.place.line) == ("FR423", str(file), line)
    assert words in problem.message
    assert "half" not in str(problem)


def test_a_directory_has_a_file_for_each_secret(tmp_path: Path) -> None:
    """As Docker and Kubernetes mount them; no other file is read."""
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted" / "TOKEN").write_text("abcd\n")
    (tmp_path / "outside").write_text("abcd")
    source = FileSecrets(directory=Path("mounted"))
    source.settle(tmp_path)

    assert source.get("TOKEN") == "abcd"
    assert source.get("OTHER") is None
    assert source.get("../outside") is None
    assert source.get("..") is None
    assert FileSecrets(directory=tmp_path / "none").get("TOKEN") is None


class Vault(Secrets):
    """One of a user."""

    answer: object = None
    fails: bool = False

    def get(self, name: str) -> str | None:
        if self.fails:
            raise ConnectionError("no vault")
        return self.answer  # type: ignore[return-value]


def test_the_first_source_that_has_a_secret_answers() -> None:
    """Those after it are not asked."""
    sources = {"one": Vault(), "two": Vault(answer="abcd"), "three": Vault(fails=True)}

    assert search("TOKEN", sources)[:2] == ("abcd", "two")
    assert search("TOKEN", {"one": Vault()}).value is None


@pytest.mark.parametrize(
    ("vault", "error"),
    [(Vault(fails=True), "ConnectionError: no vault"), (Vault(answer=1234), "it gave int in place of text")],
)
def test_a_source_that_fails_is_named(vault: Vault, error: str) -> None:
    """Those after it are not asked: it might have been the one."""
    found = search("TOKEN", {"vault": vault, "two": Vault(answer="abcd")})

    assert (found.value, found.source, found.error) == (None, "vault", error)


def test_no_text_of_the_values_shows_them() -> None:
    """Not even that of a programmer who looks at them."""
    values = SecretValues({"TOKEN": "abcdefgh"})

    assert values["TOKEN"] == "abcdefgh"
    assert "abcd" not in f"{values!r} {values} {search('T', {'v': Vault(answer='abcdefgh')})!r}"
    assert values.mask.text("is abcdefgh") == "is ***"
    assert values.only(["TOKEN"]) == {"TOKEN": "abcdefgh"}
