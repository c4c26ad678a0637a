"""SecretValues: the secrets that a job uses, found once before it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .mask import Mask


class SecretValues(Mapping[str, str]):
    """Values by name. No text that is made of it shows them."""

    __slots__ = ("_values", "mask")

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self.mask = Mask(self._values.values())
        """Hides all of them."""

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"SecretValues({', '.join(self._values)})"

    def only(self, names: Iterable[str]) -> dict[str, str]:
        """Those of a task: what its attempts find in their environment."""
        return {name: self._values[name] for name in names}
