"""Where the CRM's calls live: versions, aliases, both positions of the id (§0, §2.0)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.crm.sandbox.answers import ApiError
from services.crm.sandbox.resources import BY_SEGMENT, Resource
from services.crm.sandbox.values import LARGEST_INTEGER

_VERSIONS = frozenset({"v1", "latest"})
_ID = re.compile(r"[0-9]{1,25}")

# An `upsert` becomes a `create` or an `update` once the body says whether it has an id.
_GRAMMAR: Mapping[str, Mapping[str, str]] = {
    "": {"GET": "list", "POST": "upsert", "PUT": "create"},
    "get": {"GET": "list"},
    "createorupdate": {"POST": "upsert"},
    "count": {"GET": "count"},
    "countbyodatacriteria": {"GET": "count"},
    "search": {"GET": "search"},
    "searchbyodatacriteria": {"GET": "search"},
    "searchids": {"GET": "search_ids"},
    "searchidsbyodatacriteria": {"GET": "search_ids"},
    "getnewinstance": {"GET": "template"},
    "getpolymorphicschema": {"GET": "schema"},
    "{id}": {"GET": "get", "DELETE": "delete"},
    **{
        pattern: {"GET": "get"}
        for name in ("get", "getfull", "view")
        for pattern in (f"{{id}}/{name}", f"{name}/{{id}}")
    },
    **{pattern: {"GET": "exists"} for pattern in ("{id}/exists", "exists/{id}")},
    **{pattern: {"DELETE": "delete", "POST": "delete"} for pattern in ("{id}/delete", "delete/{id}")},
}

_AUTH_GRAMMAR: Mapping[str, Mapping[str, str]] = {"login": {"POST": "login"}, "me": {"GET": "me"}}

_WRITES = frozenset({"upsert", "create", "delete"})


@dataclass(frozen=True)
class Route:
    """What a call asks for; `resource` is None for Auth."""

    controller: str
    action: str
    resource: Resource | None = None
    record_id: int | None = None


def find_route(method: str, path: str) -> Route:
    """Read a path of the CRM, or refuse it; the case of its segments does not matter."""
    segments = [segment for segment in path.split("/") if segment]
    folded = [segment.casefold() for segment in segments]
    if len(folded) < 3 or folded[0] != "api" or folded[1] not in _VERSIONS:
        raise ApiError(404, f"There is nothing at {path}.")
    controller, details = folded[2], folded[3:]
    if controller == "auth":
        return Route("Auth", _action(_AUTH_GRAMMAR, method, "/".join(details), path))
    resource = BY_SEGMENT.get(controller)
    if resource is None:
        raise ApiError(404, f"There is no controller {segments[2]}.")
    return _resource_route(resource, method, details, path)


def _resource_route(resource: Resource, method: str, details: list[str], path: str) -> Route:
    ids = [int(segment) for segment in details if _ID.fullmatch(segment)]
    pattern = "/".join("{id}" if _ID.fullmatch(segment) else segment for segment in details)
    action = _action(_GRAMMAR, method, pattern, path)
    if action in _WRITES and not resource.writable:
        raise ApiError(405, f"{resource.name} cannot be written.")
    if ids and ids[0] > LARGEST_INTEGER:
        raise ApiError(404, f"{resource.name} {ids[0]} does not exist.")
    return Route(resource.name, action, resource, ids[0] if ids else None)


def _action(grammar: Mapping[str, Mapping[str, str]], method: str, pattern: str, path: str) -> str:
    methods = grammar.get(pattern)
    if methods is None:
        raise ApiError(404, f"There is nothing at {path}.")
    if method not in methods:
        raise ApiError(405, f"{method} is not possible at {path}.")
    return methods[method]
