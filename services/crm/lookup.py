"""Reading CRM in Cloud completely: every page of a search, or every row where it cannot search, or an error.

A list that misses a row would make us create that row again, so doubt about completeness is an error here. What was
proven about the tenant decides which filters are tried, and whether nothing found means that nothing is there.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self, TypeVar

from services.crm.answers import Call, unclear
from services.crm.door import Door
from services.crm.errors import CrmForbidden, CrmRefused
from services.crm.parsing import Row, Unreadable, id_of, listed, row_of
from services.crm.profile import ONE_OF, Rows, Strategy, key_of
from services.crm.tally import current_tally

Read = TypeVar("Read")

NOT_FOUND = 404
EVERYTHING = "id ne 0"
IDS_OF_A_FILTER = 40


class Unsearchable(Exception):
    """The CRM cannot filter by this property; which ones it can differs from tenant to tenant."""


@dataclass(frozen=True)
class Attempt:
    """One filter, and the properties that it names."""

    names: tuple[str, ...]
    condition: str


class Lookup:
    """Reads through a door as the tenant's strategy says: all that was asked for, or an error, and never a part."""

    def __init__(self, door: Door, *, strategy: Strategy) -> None:
        self._door = door
        self._strategy = strategy
        self._shown: set[str] = set()

    def through(self, door: Door) -> Self:
        """The same look-up through another door."""
        view = copy.copy(self)
        view._door = door
        return view

    async def rows(
        self, controller: str, name: str, value: int, *, changed_since: datetime | None = None
    ) -> list[Row]:
        """At least all rows whose property equals the value; callers check, since the CRM may not have filtered."""
        for attempt in _attempts(name, value, changed_since):
            if not self._strategy.tries(controller, attempt.names):
                continue
            try:
                found = await self.search(controller, attempt.condition, showing=name)
            except Unsearchable:
                continue
            if self._believes(controller, attempt, found):
                return found
        return await self._all_rows(controller)

    async def search(self, controller: str, condition: str, *, showing: str) -> list[Row]:
        """What the CRM finds under the condition, each row with the property that `showing` names."""
        elements = await self._filtered(f"{controller}/Search", condition)
        whole = {
            id_of(element): element
            for element in elements
            if isinstance(element, dict) and self._strategy.is_whole(controller, element, showing=showing)
        }
        return await self._completed(controller, [id_of(element) for element in elements], whole)

    async def rows_of(self, controller: str, numbers: Sequence[int], *, showing: str) -> list[Row]:
        """The rows of these ids: found together where the CRM finds them so, and read one by one where not."""
        found: dict[int, Row] = {}
        together = self._strategy.narrows(controller, (ONE_OF,))
        for start in range(0, len(numbers) if together else 0, IDS_OF_A_FILTER):
            some = numbers[start : start + IDS_OF_A_FILTER]
            with suppress(Unsearchable):
                rows = await self.search(controller, one_of(some), showing=showing)
                found |= {id_of(row): row for row in rows}
        return await self._completed(controller, numbers, found)

    async def row(self, controller: str, number: int, *, or_its_successor: bool = False) -> Row | None:
        """One whole row, or None when the CRM says that it is not there.

        An id that answers another record was merged into it: None as well, or that record with `or_its_successor`.
        """
        for path in (f"{controller}/{number}/GetFull", f"{controller}/{number}"):
            call = Call("GET", path)
            try:
                body = await self._door.request(call)
            except CrmRefused as refusal:
                if refusal.status != NOT_FOUND:
                    raise
                continue
            if body is None:
                return None
            row = understood(call, row_of, body)
            return row if or_its_successor or id_of(row) == number else None
        return None

    async def listed(self, controller: str, numbers: Sequence[int]) -> frozenset[int]:
        """Those of these ids that the CRM shows when it is not asked for one alone."""
        if self._strategy.believes(controller, (ONE_OF,)):
            with suppress(Unsearchable):
                return await self._found_together(controller, numbers)
        return frozenset(numbers) & set(await self.numbers(controller, beyond=min(numbers) - 1))

    async def _found_together(self, controller: str, numbers: Sequence[int]) -> frozenset[int]:
        found: set[int] = set()
        for start in range(0, len(numbers), IDS_OF_A_FILTER):
            condition = one_of(numbers[start : start + IDS_OF_A_FILTER])
            found.update(map(id_of, await self._filtered(f"{controller}/SearchIds", condition)))
        return frozenset(numbers) & found

    async def numbers(self, controller: str, *, beyond: int = 0) -> list[int]:
        """All ids that are greater, in their order."""
        if beyond and self._strategy.believes(controller, ("id",)):
            return await self._search_ids(controller, f"id gt {beyond}")
        call = Call("GET", controller)
        elements = understood(call, elements_of, await self._door.request(call))
        return sorted({number for number in map(id_of, elements) if number > beyond})

    async def _all_rows(self, controller: str) -> list[Row]:
        if not self._strategy.believes(controller, ("id",)):
            numbers = await self.numbers(controller)
        elif self._strategy.rows.get(controller) is Rows.WHOLE:
            return await self.search(controller, EVERYTHING, showing="id")
        else:
            numbers = await self._search_ids(controller, EVERYTHING)
        return await self._completed(controller, numbers, {})

    def _believes(self, controller: str, attempt: Attempt, found: list[Row]) -> bool:
        # A filter that has shown anything is not one of those that silently find nothing.
        key = key_of(controller, attempt.names)
        if found:
            self._shown.add(key)
        return key in self._shown or self._strategy.believes(controller, attempt.names)

    async def _search_ids(self, controller: str, condition: str) -> list[int]:
        return [id_of(element) for element in await self._pages(f"{controller}/SearchIds", condition)]

    async def _completed(
        self, controller: str, numbers: Sequence[int], shown: Mapping[int, Row]
    ) -> list[Row]:
        """The rows of these ids in their order: those that were not shown are read one by one."""
        unshown = [number for number in numbers if number not in shown]
        await current_tally().announce(len(unshown))
        rows = dict(shown)
        for number in unshown:
            if row := await self.row(controller, number):
                rows[number] = row
        return [rows[number] for number in numbers if number in rows]

    async def _filtered(self, path: str, condition: str) -> list[object]:
        try:
            return await self._pages(path, condition)
        except CrmForbidden:
            raise
        except CrmRefused as refusal:
            raise Unsearchable(condition) from refusal

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
            if len(page) == len(overlap) or self._strategy.ends_with(page):
                return found

    async def _page(self, path: str, condition: str, *, skip: int) -> list[object]:
        query = {
            "$filter": condition,
            "$orderby": "id asc",
            "$top": str(self._strategy.page_size),
            "$skip": str(skip),
        }
        call = Call("GET", path, query=query)
        return understood(call, elements_of, await self._door.request(call))


def _attempts(name: str, value: int, changed_since: datetime | None) -> list[Attempt]:
    attempts = [Attempt((name,), equals(name, value))]
    if changed_since is not None:
        since = Attempt(("lastModifiedDate",), not_before("lastModifiedDate", changed_since))
        both = Attempt((name, *since.names), f"{attempts[0].condition} and {since.condition}")
        attempts = [both, *attempts, since]
    return attempts


def equals(name: str, value: int | str) -> str:
    """
    >>> equals("crossId", 12), equals("code", "L'Aquila")
    ('crossId eq 12', "code eq 'L''Aquila'")
    """
    if isinstance(value, int):
        return f"{name} eq {value}"
    quoted = value.replace("'", "''")
    return f"{name} eq '{quoted}'"


def one_of(numbers: Sequence[int]) -> str:
    """
    >>> one_of([27401, 27403])
    'id eq 27401 or id eq 27403'
    """
    return " or ".join(equals("id", number) for number in numbers)


def contains(name: str, part: str) -> str:
    """
    >>> contains("code", "5155")
    "contains(code, '5155')"
    """
    quoted = part.replace("'", "''")
    return f"contains({name}, '{quoted}')"


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


def elements_of(body: object) -> list[object]:
    elements = listed(body)
    for element in elements:
        id_of(element)
    return elements
