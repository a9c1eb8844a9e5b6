"""The problems of catalog files, in words for the person who wrote them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogProblem:
    """One problem: the file, the key in it (empty for the whole file), and a sentence.

    >>> str(CatalogProblem("kits.yaml", "kits[0].name", "This key is missing."))
    'kits.yaml: kits[0].name: This key is missing.'
    """

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


class CatalogError(Exception):
    """The catalog cannot be used. The message lists all `problems`, one a line."""

    def __init__(self, problems: Sequence[CatalogProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(["The catalog has problems:", *map(str, self.problems)]))


def key_path(*steps: str | int) -> str:
    """
    >>> key_path("kits", 0, "lines", 2, "service")
    'kits[0].lines[2].service'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
