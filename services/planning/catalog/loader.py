"""Reads a folder of YAML files into a Catalog, and reports all its problems at once.

A catalog folder holds `services.yaml`, `kits.yaml` and, in `workflows/`, one file for each workflow, named after
its code in lower case.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.planning.catalog.draft import Draft, Entry, Located, Section
from services.planning.catalog.problems import CatalogError, CatalogProblem, key_path
from services.planning.catalog.rules import broken_rules
from services.planning.catalog.strict_yaml import read_yaml
from services.planning.catalog.types import CODE_PATTERN, Catalog, Kit, Service, WorkflowTemplate

SHIPPED = Path(__file__).parent
SERVICES_FILE = "services.yaml"
KITS_FILE = "kits.yaml"

# Replaces pydantic's Python terms for people who write YAML.
SENTENCES = {
    "missing": "This key is required.",
    "extra_forbidden": "This key is unknown.",
    "tuple_type": "This should be a list.",
    "model_type": "This should be a mapping of keys to values.",
}


def load_catalog(folder: Path | None = None) -> Catalog:
    """Load the catalog of this folder, by default the one that ships with the product.

    Raises CatalogError with every problem of every file.
    """
    reader = _Reader(folder or SHIPPED)
    draft = reader.read()
    problems = [*reader.problems, *broken_rules(draft)]
    if problems:
        raise CatalogError(problems)
    return Catalog(services=draft.services.values, kits=draft.kits.values, workflows=draft.workflows.values)


class _Reader:
    """Reads what can be parsed, and collects the `problems` of the rest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.problems: list[CatalogProblem] = []

    def read(self) -> Draft:
        self._refuse_strangers()
        return Draft(
            services=self._section(SERVICES_FILE, "services", Service),
            kits=self._section(KITS_FILE, "kits", Kit),
            workflows=self._workflows(),
        )

    def _refuse_strangers(self) -> None:
        """Report unknown files: a misnamed one would otherwise be ignored silently."""
        for path in sorted((*self._folder.glob("*.y*ml"), *self._folder.glob("workflows/*.yml"))):
            file = path.relative_to(self._folder).as_posix()
            if file not in (SERVICES_FILE, KITS_FILE):
                self._tell(file, "", "No part of a catalog has this file name.")

    def _section(self, file: str, key: str, kind: type[Entry]) -> Section[Entry]:
        """Read a file that holds one list under one key."""
        listed = self._listed(file, key)
        codes = [_code_of(raw) for raw in listed or ()]
        return Section(
            entries=[
                entry
                for index, raw in enumerate(listed or ())
                for entry in self._entries(kind, raw, file, (key, index))
            ],
            codes={code for code in codes if code is not None},
            complete=listed is not None and None not in codes,
        )

    def _listed(self, file: str, key: str) -> list[Any] | None:
        content = self._content(file)
        if content is None:
            return None
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            self._tell(file, key, "The file should hold a list under this key.")
            return None
        for other in content:
            if other != key:
                self._tell(file, str(other), SENTENCES["extra_forbidden"])
        return list(content[key])

    def _workflows(self) -> Section[WorkflowTemplate]:
        """Read the workflows, one for each file. The file name gives the code even if the rest cannot be read."""
        paths = sorted(self._folder.glob("workflows/*.yaml"))
        contents = {f"workflows/{path.name}": self._content(f"workflows/{path.name}") for path in paths}
        return Section(
            entries=[
                entry
                for file, content in contents.items()
                if content is not None
                for entry in self._entries(WorkflowTemplate, content, file, ())
            ],
            codes={path.stem.upper() for path in paths},
            complete=True,
        )

    def _entries(
        self, kind: type[Entry], raw: Any, file: str, steps: tuple[str | int, ...]
    ) -> Iterator[Located[Entry]]:
        """Yield the entry if it is well formed, else report its problems."""
        try:
            yield Located(kind.model_validate(raw), file, steps)
        except ValidationError as error:
            for details in _root_causes(error.errors()):
                self._tell(file, key_path(*steps, *details["loc"]), _sentence(details))

    def _content(self, file: str) -> Any:
        """Return the content of the file. None: it is empty, which has been reported."""
        content, problems = read_yaml(self._folder / file, file)
        self.problems += problems
        return content

    def _tell(self, file: str, key: str, message: str) -> None:
        self.problems.append(CatalogProblem(file, key, message))


def _code_of(raw: Any) -> str | None:
    code = raw.get("code") if isinstance(raw, dict) else None
    return code if isinstance(code, str) and re.fullmatch(CODE_PATTERN, code) else None


def _root_causes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Drop the errors that follow from others: a list is also too short if one of its entries cannot be read."""
    places = [details["loc"] for details in errors]
    return [
        details
        for details in errors
        if not any(
            place != details["loc"] and place[: len(details["loc"])] == details["loc"] for place in places
        )
    ]


def _sentence(details: ErrorDetails) -> str:
    known = SENTENCES.get(details["type"])
    return known or f"{details['msg']}, not {details['input']!r}."
