"""Complete reads of CRM in Cloud: every page of a search, or every row if it cannot search, or an error.

If a list misses a row, we would create that row again, so doubt about completeness is an error here. The proven facts
about the tenant decide which filters are tried, and whether an empty answer means that there is no record.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self, TypeVar

from services.crm.call_count import current_counter
from services.crm.crm_in_cloud.gateway import Gateway
from services.crm.crm_in_cloud.parsing import Row, Unreadable, id_of, listed, row_of, text
from services.crm.crm_in_cloud.profile import ONE_OF, Rows, Strategy, key_of
from services.crm.crm_in_cloud.responses import Call, unclear, whole
from services.crm.errors import CrmForbidden, CrmNotCalled, CrmRefused, CrmUnavailable, LoginRefused
from services.crm.records import UnreadRecord
from services.texts import storable

Read = TypeVar("Read")

NOT_FOUND = 404
EVERYTHING = "id ne 0"
IDS_OF_A_FILTER = 40
_SHOWN = 80


class Unsearchable(Exception):
    """The CRM cannot filter by this property. Which properties it can filter by differs between tenants."""


@dataclass(frozen=True)
class Attempt:
    """One filter, and the properties in it."""

    names: tuple[str, ...]
    condition: str


class Lookup:
    """Reads through a gateway with the tenant's strategy. A read is complete or raises, and is never partial."""

    def __init__(self, gateway: Gateway, *, strategy: Strategy) -> None:
        self._gateway = gateway
        self._strategy = strategy
        self._shown: set[str] = set()
        self._unread: list[UnreadRecord] | None = None

    def through(self, gateway: Gateway) -> Self:
        """Return the same look-up through another gateway."""
        view = copy.copy(self)
        view._gateway = gateway
        return view

    def setting_aside(self, unread: list[UnreadRecord] | None) -> Self:
        """Return the same look-up, but with unreadable records added to the list instead of an error."""
        view = copy.copy(self)
        view._unread = unread
        return view

    async def rows(
        self, controller: str, name: str, value: int, *, changed_since: datetime | None = None
    ) -> list[Row]:
        """Return at least all rows whose property equals the value.

        Callers check, since the CRM may not have filtered.
        """
        for attempt in _attempts(name, value, changed_since):
            if not self._strategy.may_try(controller, attempt.names):
                continue
            try:
                found = await self.search(controller, attempt.condition, showing=name)
            except Unsearchable:
                continue
            if self._believes(controller, attempt, found):
                return found
        return await self._all_rows(controller)

    async def search(self, controller: str, condition: str, *, showing: str) -> list[Row]:
        """Return the rows that meet the condition, each with the property named by `showing`."""
        elements = await self._filtered(f"{controller}/Search", condition)
        complete = {
            id_of(element): element
            for element in elements
            if isinstance(element, dict) and self._strategy.is_whole(controller, element, showing=showing)
        }
        return await self._completed(controller, [id_of(element) for element in elements], complete)

    async def rows_of(self, controller: str, numbers: Sequence[int], *, showing: str) -> list[Row]:
        """Return the rows of these ids: found together if the CRM can search for them, otherwise read one by one."""
        found: dict[int, Row] = {}
        together = self._strategy.reduces(controller, (ONE_OF,))
        for start in range(0, len(numbers) if together else 0, IDS_OF_A_FILTER):
            some = numbers[start : start + IDS_OF_A_FILTER]
            with suppress(Unsearchable):
                rows = await self.search(controller, one_of(some), showing=showing)
                found |= {id_of(row): row for row in rows}
        return await self._completed(controller, numbers, found)

    async def row(self, controller: str, number: int, *, or_its_successor: bool = False) -> Row | None:
        """Return one whole row, or None if the CRM says that it does not exist.

        If the answer is another record, this one was merged into it: None as well, or that record with
        `or_its_successor`.
        """
        for path in (f"{controller}/{number}/GetFull", f"{controller}/{number}"):
            call = Call("GET", path)
            try:
                body = await self._gateway.request(call)
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
        """Return those of these ids that the CRM shows in a search, not in a read by id."""
        if self._strategy.empty_is_proof(controller, (ONE_OF,)):
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
        """Return all greater ids in order."""
        if beyond and self._strategy.empty_is_proof(controller, ("id",)):
            return await self._search_ids(controller, f"id gt {beyond}")
        call = Call("GET", controller)
        elements = self._readable(call, understood(call, listed, await self._gateway.request(call)))
        return sorted({number for number in map(id_of, elements) if number > beyond})

    async def _all_rows(self, controller: str) -> list[Row]:
        if not self._strategy.empty_is_proof(controller, ("id",)):
            numbers = await self.numbers(controller)
        elif self._strategy.rows.get(controller) is Rows.WHOLE:
            return await self.search(controller, EVERYTHING, showing="id")
        else:
            numbers = await self._search_ids(controller, EVERYTHING)
        return await self._completed(controller, numbers, {})

    def _believes(self, controller: str, attempt: Attempt, found: list[Row]) -> bool:
        # A filter that has ever shown a record is not one that silently finds nothing.
        key = key_of(controller, attempt.names)
        if found:
            self._shown.add(key)
        return key in self._shown or self._strategy.empty_is_proof(controller, attempt.names)

    async def _search_ids(self, controller: str, condition: str) -> list[int]:
        return [id_of(element) for element in await self._pages(f"{controller}/SearchIds", condition)]

    async def _completed(
        self, controller: str, numbers: Sequence[int], shown: Mapping[int, Row]
    ) -> list[Row]:
        """Return the rows of these ids in their order. Those that were not shown are read one by one."""
        unshown = [number for number in numbers if number not in shown]
        await current_counter().announce(len(unshown))
        rows = dict(shown)
        for number in unshown:
            if row := await self._row_or_aside(controller, number):
                rows[number] = row
        return [rows[number] for number in numbers if number in rows]

    async def _row_or_aside(self, controller: str, number: int) -> Row | None:
        """Return the row. If it cannot be read but others may be, set it aside."""
        try:
            return await self.row(controller, number)
        except (CrmNotCalled, LoginRefused):
            raise
        except (CrmRefused, CrmUnavailable) as error:
            if self._unread is None:
                raise
            self._unread.append(UnreadRecord(id=number, explanation=error.message))
            return None

    def _readable(self, call: Call, elements: list[object]) -> list[object]:
        """Return the elements that have an id.

        An element without one is set aside, or makes the whole answer unclear.
        """
        odd = [element for element in elements if whole(element) is None]
        if odd and self._unread is None:
            raise unclear(call, "was answered, but an element has no id.")
        if self._unread is not None:
            self._unread += [UnreadRecord(id=None, explanation=_oddity(call, element)) for element in odd]
        return [element for element in elements if whole(element) is not None]

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
            # Pages overlap by one element. If one disappeared meanwhile, the next would move up and be skipped.
            overlap = found[-1:]
            page = await self._page(path, condition, skip=len(found) - len(overlap))
            if list(map(_identity, page[: len(overlap)])) != list(map(_identity, overlap)):
                raise unclear(Call("GET", path), "changed while it was read.")
            found += page[len(overlap) :]
            if len(page) == len(overlap) or self._strategy.ends_with(page):
                return self._readable(Call("GET", path), found)

    async def _page(self, path: str, condition: str, *, skip: int) -> list[object]:
        query = {
            "$filter": condition,
            "$orderby": "id asc",
            "$top": str(self._strategy.page_size),
            "$skip": str(skip),
        }
        call = Call("GET", path, query=query)
        return understood(call, listed, await self._gateway.request(call))


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
    """Return the result of `read` for the body. A body that cannot be read says nothing about the call."""
    try:
        return read(body)
    except Unreadable as doubt:
        raise unclear(call, f"was answered, but {doubt}.") from None


def elements_of(body: object) -> list[object]:
    elements = listed(body)
    for element in elements:
        id_of(element)
    return elements


def _identity(element: object) -> object:
    number = whole(element)
    return element if number is None else number


def _oddity(call: Call, element: object) -> str:
    """Describe what is wrong with an element that has no id, and how to find it in the CRM."""
    if not isinstance(element, dict):
        return f"{call} shows something that is not a record: {storable(str(element))[:_SHOWN]}"
    subject = text(element.get("subject"))[:_SHOWN]
    return f"{call} shows a record whose id is {storable(str(element.get('id')))[:_SHOWN]}: {subject!r}"
