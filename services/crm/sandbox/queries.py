"""The query parameters of lists and searches (§2.0, §3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.crm.sandbox.answers import ApiError
from services.crm.sandbox.odata_meaning import Record, compile_filter
from services.crm.sandbox.odata_syntax import ODataError, parse_filter, parse_order
from services.crm.sandbox.resources import Kind, Resource
from services.crm.sandbox.switches import Switches

DEFAULT_TOP = 50
LARGEST_TOP = 500
_LIMITS = ("limit", "maxrecords", "top")


class Unsearchable(ODataError):
    """The filter names a property that may not be filtered."""


@dataclass(frozen=True)
class Query:
    """Which records, in which order, which page of them."""

    fits: Callable[[Record], bool]
    order: tuple[tuple[str, bool], ...] = ()
    top: int | None = None
    skip: int = 0

    def select(self, records: list[Record]) -> list[Record]:
        chosen = sorted(filter(self.fits, records), key=lambda record: record["id"])
        for name, descending in reversed(self.order):
            chosen.sort(key=lambda record: _rank(record.get(name)), reverse=descending)
        return chosen[self.skip : None if self.top is None else self.skip + self.top]


def read_search(resource: Resource, parameters: Mapping[str, str], switches: Switches) -> Query:
    """Read `$filter`, `$orderby`, `$top` and `$skip`, each with or without its sign."""
    named = _without_signs(parameters)
    if "field" in named:
        raise ApiError(400, "The search by 'field' and 'value' is not offered; use '$filter'.")
    top = _read_number(named, "top", DEFAULT_TOP, range(1, LARGEST_TOP + 1))
    return Query(
        fits=_read_filter(resource, named.get("filter", ""), switches),
        order=_read_order(resource, named.get("orderby", "")),
        top=min(top, switches.page_cap or top),
        skip=_read_number(named, "skip", 0, range(2**31)),
    )


def read_id_search(resource: Resource, parameters: Mapping[str, str], switches: Switches) -> Query:
    """The same, but ids come in the order of the ids only (§2.0)."""
    query = read_search(resource, parameters, switches)
    if any(name != "id" for name, _ in query.order):
        raise ApiError(400, "A search for ids can be ordered by 'id' only.")
    return query


def read_count(resource: Resource, parameters: Mapping[str, str], switches: Switches) -> Query:
    """A count knows a filter and no pages."""
    return Query(fits=_read_filter(resource, _without_signs(parameters).get("filter", ""), switches))


def read_list(resource: Resource, parameters: Mapping[str, str], switches: Switches) -> Query:
    """The plain list answers every id, unless switches let it filter or stop early (§2.0)."""
    named = _without_signs(parameters)
    filters = switches.list_filter == "applied"
    limits = _LIMITS if switches.list_limit == "applied" else ()
    limit = next((name for name in limits if name in named), None)
    return Query(
        fits=_read_filter(resource, named.get("filter", "") if filters else "", switches),
        order=_read_order(resource, named.get("orderby", "") if filters else ""),
        top=_read_number(named, limit, LARGEST_TOP, range(1, 2**31)) if limit else None,
    )


def _without_signs(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("$").lower(): value for name, value in parameters.items()}


def _read_filter(resource: Resource, text: str, switches: Switches) -> Callable[[Record], bool]:
    if not text.strip():
        return lambda _: True

    def kind_of(name: str) -> Kind:
        return _searchable_kind(resource, name, switches)

    try:
        return compile_filter(parse_filter(text, switches.zone), kind_of)
    except Unsearchable as error:
        if switches.unsearchable_filters == "refused":
            raise ApiError(400, str(error)) from error
        everything = switches.unsearchable_filters == "ignored"
        return lambda _: everything
    except ODataError as error:
        raise ApiError(400, str(error)) from error


def _read_order(resource: Resource, text: str) -> tuple[tuple[str, bool], ...]:
    if not text.strip():
        return ()
    try:
        order = parse_order(text)
        for name, _ in order:
            _check_sortable(resource, name)
    except ODataError as error:
        raise ApiError(400, str(error)) from error
    return tuple(order)


def _searchable_kind(resource: Resource, name: str, switches: Switches) -> Kind:
    prop = resource.property_named(name)
    if prop is None:
        raise ODataError(f"{resource.name} has no property '{name}'.")
    if not switches.searchable(resource.name, name):
        raise Unsearchable(f"The property '{name}' of {resource.name} is not searchable.")
    return prop.kind


def _check_sortable(resource: Resource, name: str) -> None:
    prop = resource.property_named(name)
    if prop is None or prop.kind is Kind.LIST:
        raise ODataError(f"{resource.name} cannot be ordered by '{name}'.")


def _read_number(named: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    text = named.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) not in allowed:
        raise ApiError(400, f"'{name}' must be between {allowed.start} and {allowed.stop - 1}.")
    return int(text)


def _rank(value: Any) -> tuple[bool, Any]:
    # An absent value comes first, as SQL Server has it; false comes before true.
    return (value is not None, value if value is not None else 0)
