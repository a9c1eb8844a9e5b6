"""Ticket and opportunity codes: `TCK-<service>-<digits>-<position>`.

A code is made once and never changes. Which digits a parent gets is settled by the database; this module only
says in which order they are tried. A database that was restored has forgotten who had which: then the CRM's
opportunities, which carry the codes, tell.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase

SHORTEST_DIGITS = 4

_CODE = re.compile(r"TCK-[A-Z0-9]+-([0-9]+[A-Z]*)-[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code of ours that the CRM shows: the sale that its record names, and whether that is of the same company."""

    code: str
    sale_id: int | None
    same_company: bool


@dataclass(frozen=True, slots=True)
class DigitsShown:
    """What the CRM shows of the digits that a sale might take: those that it has there, and those of others."""

    own: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


NOTHING_SHOWN = DigitsShown()


def sort_digits(crm_activity_id: int, codes: Iterable[CodeShown], *, known: Collection[str]) -> DigitsShown:
    """Tell the digits of this sale from those of others; `known` are the digits of tickets that we have.

    A record whose text no longer names its sale is the sale's own where nobody else here can have made it.

    >>> shown = [CodeShown("TCK-F40-3311-01", 843311, False), CodeShown("TCK-F40-33311-01", 833311, True)]
    >>> sort_digits(833311, shown, known=[]).own
    frozenset({'33311'})
    """
    own, others = set(), set()
    for shown in codes:
        digits = digits_in(shown.code)
        if digits is None:
            continue
        unsigned = shown.sale_id is None and shown.same_company and digits not in known
        if shown.sale_id == crm_activity_id or (unsigned and _may_take(crm_activity_id, digits)):
            own.add(digits)
        else:
            others.add(digits)
    return DigitsShown(frozenset(own), frozenset(others - own))


def digits_in(code: str) -> str | None:
    """
    >>> digits_in("TCK-F40-5155-02.2"), digits_in("ORD-2026")
    ('5155', None)
    """
    found = _CODE.fullmatch(code.strip().upper())
    return found[1] if found else None


def _may_take(crm_activity_id: int, digits: str) -> bool:
    whole = str(crm_activity_id).zfill(SHORTEST_DIGITS)
    return whole.endswith(digits) or (digits.startswith(whole) and digits.removeprefix(whole).isalpha())


def shortest_digits(crm_activity_id: int) -> str:
    """What every code of this sale contains, whichever digits it took.

    >>> shortest_digits(1005155)
    '5155'
    """
    return next(digits_candidates(crm_activity_id))


def digits_candidates(crm_activity_id: int, shown: DigitsShown = NOTHING_SHOWN) -> Iterator[str]:
    """The digits a parent ticket may take, best first, without repetition.

    They have no end, unless the CRM shows some of this sale: then it must have those and no others.

    >>> from itertools import islice
    >>> list(islice(digits_candidates(1005155), 7))
    ['5155', '05155', '005155', '1005155', '1005155A', '1005155B', '1005155C']
    >>> next(digits_candidates(7))
    '0007'
    >>> next(digits_candidates(843311, DigitsShown(others=frozenset({"3311"}))))
    '43311'
    """
    if crm_activity_id < 0:
        raise ValueError(f"A CRM activity id is not negative: {crm_activity_id}.")
    if shown.own:
        yield from sorted(shown.own, key=lambda digits: (len(digits), digits))
        return
    yield from (digits for digits in _all_candidates(crm_activity_id) if digits not in shown.others)


def _all_candidates(crm_activity_id: int) -> Iterator[str]:
    whole = str(crm_activity_id).zfill(SHORTEST_DIGITS)
    for length in range(SHORTEST_DIGITS, len(whole) + 1):
        yield whole[-length:]
    for letters in _letters():
        yield whole + letters


def parent_code(service_code: str, digits: str) -> str:
    """
    >>> parent_code("SOF", "5155")
    'TCK-SOF-5155-00'
    """
    return f"TCK-{service_code}-{digits}-00"


def child_code(service_code: str, digits: str, position: int) -> str:
    """The code of a child ticket, and of the opportunity it comes from; `digits` are those of its parent.

    >>> child_code("F40", "5155", 3)
    'TCK-F40-5155-03'
    """
    if position < 1:
        raise ValueError(f"Positions of children start at one: {position}.")
    return f"TCK-{service_code}-{digits}-{position:02d}"


def recreated_code(code: str, attempt: int) -> str:
    """The code of an opportunity made anew; `attempt` counts all makings, so the first remake is the second.

    >>> recreated_code("TCK-F40-5155-03", 2)
    'TCK-F40-5155-03.2'
    >>> recreated_code("TCK-F40-5155-03.2", 3)
    'TCK-F40-5155-03.3'
    """
    if attempt < 2:
        raise ValueError(f"The first attempt carries the plain code: {attempt}.")
    original, _, _ = code.partition(".")
    return f"{original}.{attempt}"


def making(code: str | None) -> int:
    """Which making of the opportunity carries this code: the first has no number.

    >>> making("TCK-F40-5155-03"), making("TCK-F40-5155-03.2"), making("TCK-F40-5155-03.bis")
    (1, 2, 1)
    """
    number = (code or "").strip().partition(".")[2]
    return int(number) if number.isdecimal() and 0 < len(number) < 4 and int(number) > 1 else 1


def numbered_code(code: str, attempt: int) -> str:
    """The code of any making: the plain one of the first.

    >>> numbered_code("TCK-F40-5155-03", 1), numbered_code("TCK-F40-5155-03", 3)
    ('TCK-F40-5155-03', 'TCK-F40-5155-03.3')
    """
    return code if attempt == 1 else recreated_code(code, attempt)


def _letters() -> Iterator[str]:
    """A, B, ... Z, AA, AB, ... as the columns of a spreadsheet are named."""
    for length in count(1):
        for letters in product(ascii_uppercase, repeat=length):
            yield "".join(letters)
