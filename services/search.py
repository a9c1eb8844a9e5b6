"""Finds whatever a few words may mean: tickets, work, customers, people, the catalog, the inbox."""

# ruff: noqa: S608 - the texts are put together from constants of the code

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from models import Company, IntakeItem, Kit, Operator, Opportunity, Service, Task, Ticket
from models.identity import Row
from models.sort_keys import plain_letters, sort_key
from services.planning.search import Match, match
from services.reads import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Contains,
    Environment,
    Expression,
    OrderKey,
    PageRequest,
    Reads,
    RowPlan,
    read_page,
)
from services.tickets.text_search import in_company, in_task, in_ticket, words_of
from services.vocabulary import IntakeStatus, SearchKind

LONGEST_CRM_ID = 18

SIGN = " · "
"""Stands between a code and a title."""

MOST_HITS = 50
MOST_WAITING = 500
"""So many items of the inbox are looked through: their texts have no sort keys for the database to look in."""


@dataclass(frozen=True, slots=True)
class TextRange:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    node_id: str
    title: str
    subtitle: str
    ranges: tuple[TextRange, ...]


@dataclass(frozen=True, slots=True)
class Found:
    hits: list[Hit]
    more: bool


@dataclass(frozen=True, slots=True)
class _Sought:
    """One kind of thing: where the words stand, what is shown of it, and which come first.

    Without `stands`, the words must stand in the title, and the rows are looked through.
    """

    kind: SearchKind
    model: type[Row]
    title: Expression
    subtitle: Expression
    order: OrderKey
    stands: Callable[[str], Condition] | None
    among: Condition = EVERYTHING
    crm_id: str | None = None


class _Shown:
    """A row that may be meant."""

    id: str
    title: str
    subtitle: str


async def search(
    text: str, kinds: Collection[SearchKind], most: int, environment: Environment, reads: Reads
) -> Found:
    """Return the best hits of these kinds, at most so many. Meaningless: there is nothing to look for.

    Of each kind, the first candidates in its order are ranked, with one statement.
    """
    words = words_of(text)
    rows = [
        row
        for sought in _SOUGHT
        if sought.kind in kinds
        for row in await _candidates(sought, words, text.strip(), environment, reads)
    ]
    ranked = sorted(rows, key=lambda row: _match(words, row.title))
    hits = [Hit(row.id, row.title, row.subtitle, text_ranges(words, row.title)) for row in ranked[:most]]
    return Found(hits, more=len(ranked) > most)


def _match(words: list[str], title: str) -> Match:
    """Return how well the words fit a title, with its code or without."""
    _code, _, name = title.partition(SIGN)
    return min(match(words, sort_key(title)), match(words, sort_key(name)))


async def _candidates(
    sought: _Sought, words: list[str], text: str, environment: Environment, reads: Reads
) -> list[_Shown]:
    shown = {"title": sought.title, "subtitle": sought.subtitle}
    plan = RowPlan(sought.model, _Shown, columns={"id": "id"}, expressions=shown)
    most = MOST_HITS + 1 if sought.stands else MOST_WAITING
    where = AllOf((sought.among, _holds(sought, words, text)))
    page = await read_page(plan, PageRequest(most), (sought.order,), where, environment, reads)
    if sought.stands:
        return page.rows
    return [row for row in page.rows if all(word in sort_key(row.title) for word in words)]


def _holds(sought: _Sought, words: list[str], text: str) -> Condition:
    if sought.stands is None:
        return EVERYTHING
    all_words = AllOf(tuple(map(sought.stands, words)))
    if sought.crm_id is not None and text.isascii() and text.isdigit() and len(text) <= LONGEST_CRM_ID:
        return AnyOf((all_words, Compare(sought.crm_id, "eq", int(text))))
    return all_words


def text_ranges(words: Iterable[str], title: str) -> tuple[TextRange, ...]:
    """Return where the words stand in a title, in order and without overlaps.

    >>> text_ranges(["attivita", "fir"], "Firma dell'Attività")
    (TextRange(start=0, end=3), TextRange(start=11, end=19))
    """
    positions, letters = zip(*plain_letters(title), strict=True) if title else ((), ())
    plain = "".join(letters)
    ranges: list[TextRange] = []
    for start, end in sorted((at, at + len(word)) for word in words if (at := plain.find(word)) >= 0):
        one = TextRange(positions[start], positions[end - 1] + 1)
        if ranges and one.start <= ranges[-1].end:
            ranges[-1] = TextRange(ranges[-1].start, max(ranges[-1].end, one.end))
        else:
            ranges.append(one)
    return tuple(ranges)


def _in(*columns: str) -> Callable[[str], Condition]:
    """In one of these columns: sort keys, codes in capitals, and addresses in small letters."""

    def stands(word: str) -> Condition:
        return AnyOf(tuple(Contains(one, word.upper() if one == "code" else word) for one in columns))

    return stands


def _text(sql: str) -> Expression:
    return Expression(sql, returns=str)


def _of(table: str, column: str, by: str) -> str:
    return f'(SELECT above."{column}" FROM {table} AS above WHERE above.id = {{row}}.{by})'


_NOTHING = _text("''")
_NAME = _text("{row}.name")
_CODE_AND_NAME = _text(f"{{row}}.code || '{SIGN}' || {{row}}.name")
_CODE_AND_TITLE = _text(f"COALESCE({{row}}.code || '{SIGN}', '') || {{row}}.title")
_COMPANY = _of("company", "name", "company_id")
_TICKET_AND_COMPANY = (
    f"(SELECT above.code || '{SIGN}' || company.name FROM ticket AS above"
    " JOIN company ON company.id = above.company_id WHERE above.id = {row}.ticket_id)"
)

_SOUGHT = (
    _Sought(
        SearchKind.TICKET,
        Ticket,
        _CODE_AND_TITLE,
        _text(_COMPANY),
        OrderKey("updated_at", descending=True),
        in_ticket,
    ),
    _Sought(
        SearchKind.TASK,
        Task,
        _text("{row}.title"),
        _text(_TICKET_AND_COMPANY),
        OrderKey("due_on"),
        in_task,
        among=Compare("yellow_on", "null", False),
    ),
    _Sought(
        SearchKind.COMPANY,
        Company,
        _NAME,
        _text("COALESCE({row}.vat_number, '')"),
        OrderKey("sort_name"),
        lambda word: AnyOf((in_company(word), Contains("vat_number", word.upper()))),
        crm_id="crm_id",
    ),
    _Sought(
        SearchKind.OPPORTUNITY,
        Opportunity,
        _CODE_AND_TITLE,
        _text(_COMPANY),
        OrderKey("created_at", descending=True),
        _in("sort_title", "code"),
        crm_id="crm_id",
    ),
    _Sought(
        SearchKind.OPERATOR,
        Operator,
        _NAME,
        _text("{row}.email"),
        OrderKey("sort_name"),
        _in("sort_name", "email"),
    ),
    _Sought(SearchKind.CATALOG, Kit, _CODE_AND_NAME, _NOTHING, OrderKey("code"), _in("sort_name", "code")),
    _Sought(
        SearchKind.CATALOG, Service, _CODE_AND_NAME, _NOTHING, OrderKey("code"), _in("sort_name", "code")
    ),
    _Sought(
        SearchKind.INTAKE_ITEM,
        IntakeItem,
        _text("COALESCE({row}.shown_subject, {row}.subject)"),
        _NOTHING,
        OrderKey("created_at", descending=True),
        None,
        among=Compare("status", "eq", IntakeStatus.WAITING),
    ),
)
