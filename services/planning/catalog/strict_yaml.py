"""Reads YAML and reports a repeated key, where PyYAML silently keeps the last value."""

from pathlib import Path
from typing import Any

import yaml

from services.planning.catalog.problems import CatalogProblem, key_path

# Every start of the program reads the catalog; libyaml, if PyYAML was built with it, takes a tenth of the time.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path, file: str) -> tuple[Any, list[CatalogProblem]]:
    """Return the content of the file and its YAML problems. An empty file is None, with its problem."""
    try:
        loader = _LOADER(path.read_bytes())
        root = loader.get_single_node()
        repeated = _repeated_keys(root, set()) if root else []
        content = loader.construct_document(root) if root else None
    except OSError as error:
        return None, [CatalogProblem(file, "", f"The file cannot be read: {error.strerror}.")]
    except yaml.YAMLError as error:
        return None, [CatalogProblem(file, _place_of(error), f"This is not valid YAML: {_reason_of(error)}.")]
    if content is None:
        return None, [CatalogProblem(file, "", "The file is empty.")]
    return content, [CatalogProblem(file, key, "This key is written twice.") for key in repeated]


def _repeated_keys(node: yaml.Node, met: set[yaml.Node], above: tuple[str | int, ...] = ()) -> list[str]:
    """Yield the path of every repeated key. `met` holds the visited nodes, because an alias may form a cycle."""
    if node in met:
        return []
    met.add(node)
    repeated, steps = [], set()
    for step, child in _children(node):
        if step in steps:
            repeated.append(key_path(*above, step))
        steps.add(step)
        repeated += _repeated_keys(child, met, (*above, step))
    return repeated


def _children(node: yaml.Node) -> list[tuple[str | int, yaml.Node]]:
    """Return the children of a node by list index or mapping key."""
    match node:
        case yaml.SequenceNode():
            return list(enumerate(node.value))
        case yaml.MappingNode():
            return [(str(key.value), child) for key, child in node.value]
        case _:
            return []


def _place_of(error: yaml.YAMLError) -> str:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _reason_of(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return error.problem or str(error)
    return str(error).splitlines()[0]
