"""Reading CRM in Cloud completely: every page of a search, or every row where it cannot search, or an error.

A list that misses a row would make us create that row again, so doubt about completeness is an error here.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from services.crm.answers import Call, unclear
from services.crm.door import Door
from services.crm.errors import CrmForbidden, CrmRefused
from services.crm.parsing import Row, Unreadable, id_of, listed, row_of

Read = TypeVar("Read")

NOT_FOUND = 404


class Unsearchable(Exception):
    """The CRM cannot filter by this property; which ones it can differs from tenant to tenant."""


class Lookup:
    def __init__(self, door: Door, *, page_size: int) -> None:
        self._door = door
        self._page_size = page_size

    async def rows(
        self, controller: str, name: str, value: int, *, changed_since: datetime | None = None
    ) -> list[Row]:
        """At least all rows whose property equals the value; callers check, since the CRM may not have filtered."""
        attempts = [equals(name, value)]
        if changed_since is not None:
            since = not_before("lastModifiedDate", changed_since)
            attempts = [f"{attempts[0]} and {since}", *attempts, since]
        for attempt in attempts:
            try:
                return await self.search(controller, attempt, showing=name)
            except Unsearchable:
                continue
        return await self._all_rows(controller)

    async def search(self, controller: str, condition: str, *, showing: str) -> list[Row]:
        """What the CRM finds under the condition, each row with the property that `showing` names."""
        try:
            elements = await self._pages(f"{controller}/Search", condition)
        except CrmForbidden:
            raise
        except CrmRefused as refusal:
            raise Unsearchable(condition) from refusal
        found = [await self._showing(showing, element, controller) for element in elements]
        return [row for row in found if row is not None]

    async def row(self, controller: str, number: int) -> Row | None:
        """One whole row, or None when the CRM says that it is not there."""
        for path in (f"{controller}/{number}/GetFull", f"{controller}/{number}"):
            call = Call("GET", path)
            try:
                body = await self._door.request(call)
            except CrmRefused as refusal:
                if refusal.status != NOT_FOUND:
                    raise
                continue
            return None if body is None else _expect(number, call, understood(call, row_of, body))
        return None

    async def _all_rows(self, controller: str) -> list[Row]:
        numbers = [id_of(element) for element in await self._pages(f"{controller}/SearchIds", "id ne 0")]
        rows = [await self.row(controller, number) for number in numbers]
        return [row for row in rows if row is not None]

    async def _showing(self, name: str, element: object, controller: str) -> Row | None:
        if isinstance(element, dict) and name in element:
            return element
        return await self.row(controller, id_of(element))

    async def _pages(self, path: str, condition: str) -> list[object]:
        found: list[object] = []
        while True:
            # Pages overlap by one element: one that went missing meanwhile would pull the next past our eyes.
            overlap = found[-1:]
            page = await self._page(path, condition, skip=len(found) - len(overlap))
            if [id_of(element) for element in page[: len(overlap)]] != [
                id_of(element) for element in overlap
            ]:
                raise unclear(Call("GET", path), "changed while it was read.")
            found += page[len(overlap) :]
            if len(page) < self._page_size:
                return found

    async def _page(self, path: str, condition: str, *, skip: int) -> list[object]:
        query = {
            "$filter": condition,
            "$orderby": "id asc",
            "$top": str(self._page_size),
            "$skip": str(skip),
        }
        call = Call("GET", path, query=query)
        return understood(call, _elements, await self._door.request(call))


def equals(name: str, value: int | str) -> str:
    """
    >>> equals("crossId", 12), equals("code", "L'Aquila")
    ('crossId eq 12', "code eq 'L''Aquila'")
    """
    if isinstance(value, int):
        return f"{name} eq {value}"
    quoted = value.replace("'", "''")
    return f"{name} eq '{quoted}'"


def not_before(name: str, instant: datetime) -> str:
    """
    >>> not_before("lastModifiedDate", datetime(2026, 12, 21, 9, 0, tzinfo=UTC))
    'lastModifiedDate ge 2026-12-21T09:00:00Z'
    """
    return f"{name} ge {instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def understood(call: Call, read: Callable[[object], Read], body: object) -> Read:
    """What `read` makes of the body; an answer that it cannot read says nothing about the call."""
    try:
        return read(body)
    except Unreadable as doubt:
        raise unclear(call, f"was answered, but {doubt}.") from None


def _elements(body: object) -> list[object]:
    elements = listed(body)
    for element in elements:
        id_of(element)
    return elements


def _expect(number: int, call: Call, row: Row) -> Row:
    if id_of(row) != number:
        raise unclear(call, "was answered with another record.")
    return row
