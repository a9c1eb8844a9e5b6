"""YAML as people expect it: a key written twice is a mistake, where PyYAML silently keeps the last one."""

from pathlib import Path
from typing import Any

import yaml

from services.catalog.problems import CatalogProblem, key_path


def read_yaml(path: Path, file: str) -> tuple[Any, list[CatalogProblem]]:
    """What the file holds, and what is wrong with it as YAML; None, with its problem, where it holds nothing."""
    try:
        loader = _StrictLoader(path.read_bytes())
        content = loader.get_single_data()
    except OSError as error:
        return None, [CatalogProblem(file, "", f"The file cannot be read: {error.strerror}.")]
    except yaml.YAMLError as error:
        return None, [CatalogProblem(file, _place_of(error), f"This is not valid YAML: {_reason_of(error)}.")]
    if content is None:
        return None, [CatalogProblem(file, "", "The file is empty.")]
    return content, [CatalogProblem(file, key, "This key is written twice.") for key in loader.repeated]


class _StrictLoader(yaml.SafeLoader):
    """A SafeLoader that remembers in `repeated` the path of every key that its mapping holds already."""

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream)
        self.repeated: list[str] = []
        self._path: tuple[str | int, ...] = ()

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        outer = self._path
        if index is not None:
            self._path = (*outer, _step(index))
        node = super().compose_node(parent, index)
        self._path = outer
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str | int] = set()
        for step in (_step(key) for key, _ in node.value):
            if step in seen:
                self.repeated.append(key_path(*self._path, step))
            seen.add(step)
        return node


def _step(index: int | yaml.Node) -> str | int:
    """A composed child is named by its position in a list, or by the node of its key in a mapping."""
    return index if isinstance(index, int) else str(index.value)


def _place_of(error: yaml.YAMLError) -> str:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _reason_of(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return error.problem or str(error)
    return str(error).splitlines()[0]
