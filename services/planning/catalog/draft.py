"""A catalog while it is read: the entries that could be parsed, and where each was found."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from services.planning.catalog.problems import CatalogProblem, key_path
from services.planning.catalog.types import Kit, Service, WorkflowTemplate

Entry = TypeVar("Entry", Service, Kit, WorkflowTemplate)


@dataclass(frozen=True, slots=True)
class Located(Generic[Entry]):
    """An entry with its file and key."""

    value: Entry
    file: str
    steps: tuple[str | int, ...]

    def problem(self, message: str, *steps: str | int) -> CatalogProblem:
        return CatalogProblem(self.file, key_path(*self.steps, *steps), message)


@dataclass(frozen=True, slots=True)
class Section(Generic[Entry]):
    """The entries of one kind. `codes` includes those of entries with other errors.

    If a code itself could not be read, the section is not `complete`, so nothing can be called missing.
    """

    entries: list[Located[Entry]]
    codes: set[str]
    complete: bool

    @property
    def values(self) -> tuple[Entry, ...]:
        return tuple(entry.value for entry in self.entries)

    def lacks(self, code: str) -> bool:
        return self.complete and code not in self.codes


@dataclass(frozen=True, slots=True)
class Draft:
    services: Section[Service]
    kits: Section[Kit]
    workflows: Section[WorkflowTemplate]
