"""Ticket and opportunity codes: `TCK-<service>-<serial>-<position>`.

A code never changes. The database decides which serial a parent gets; this module only orders the candidates. A
restored database may have lost them: then the CRM's opportunities, which carry the codes, decide.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase

SHORTEST_SERIAL = 4
CODE_PREFIX = "TCK-"
LONGEST_CODE = 40

_CODE = re.compile(r"TCK-[A-Z0-9]+-([0-9]+[A-Z]*)-[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code of ours in the CRM: the sale that its record names, and whether it belongs to the same company."""

    code: str
    sale_id: int | None
    same_company: bool


@dataclass(frozen=True, slots=True)
class SerialsShown:
    """The serials that the CRM shows among those that a sale might take: its own, and those of others."""

    own: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


NOTHING_SHOWN = SerialsShown()


def sort_serials(crm_activity_id: int, codes: Iterable[CodeShown], *, known: Collection[str]) -> SerialsShown:
    """Separate the serials of this sale from those of others. `known` are those of our tickets.

    A record whose text no longer names its sale is the sale's own if no other sale here can have made it.

    >>> shown = [CodeShown("TCK-F40-3311-01", 843311, False), CodeShown("TCK-F40-33311-01", 833311, True)]
    >>> sort_serials(833311, shown, known=[]).own
    frozenset({'33311'})
    """
    own, others = set(), set()
    for shown in codes:
        serial = serial_in(shown.code)
        if serial is None:
            continue
        unsigned = shown.sale_id is None and shown.same_company and serial not in known
        if shown.sale_id == crm_activity_id or (unsigned and _may_take(crm_activity_id, serial)):
            own.add(serial)
        else:
            others.add(serial)
    return SerialsShown(frozenset(own), frozenset(others - own))


def is_ticket_code(text: str) -> bool:
    """
    >>> is_ticket_code("TCK-F40-5155-02.2"), is_ticket_code("tck-f40-5155-02"), is_ticket_code("TCK-F40")
    (True, False, False)
    """
    return _CODE.fullmatch(text) is not None


def serial_in(code: str) -> str | None:
    """
    >>> serial_in("TCK-F40-5155-02.2"), serial_in("ORD-2026")
    ('5155', None)
    """
    found = _CODE.fullmatch(code.strip().upper())
    return found[1] if found else None


def _may_take(crm_activity_id: int, serial: str) -> bool:
    whole = str(crm_activity_id).zfill(SHORTEST_SERIAL)
    return whole.endswith(serial) or (serial.startswith(whole) and serial.removeprefix(whole).isalpha())


def shortest_serial(crm_activity_id: int) -> str:
    """Return what every code of this sale contains, whichever serial it took.

    >>> shortest_serial(1005155)
    '5155'
    """
    return next(serial_candidates(crm_activity_id))


def serial_candidates(crm_activity_id: int, shown: SerialsShown = NOTHING_SHOWN) -> Iterator[str]:
    """Yield the serials that a parent ticket may take, best first, without repetition.

    The candidates never end, unless the CRM shows serials of this sale: then only those are allowed.

    >>> from itertools import islice
    >>> list(islice(serial_candidates(1005155), 7))
    ['5155', '05155', '005155', '1005155', '1005155A', '1005155B', '1005155C']
    >>> next(serial_candidates(7))
    '0007'
    >>> next(serial_candidates(843311, SerialsShown(others=frozenset({"3311"}))))
    '43311'
    """
    if crm_activity_id < 0:
        raise ValueError(f"A CRM activity id is not negative: {crm_activity_id}.")
    if shown.own:
        yield from sorted(shown.own, key=lambda serial: (len(serial), serial))
        return
    yield from (serial for serial in _all_candidates(crm_activity_id) if serial not in shown.others)


def _all_candidates(crm_activity_id: int) -> Iterator[str]:
    whole = str(crm_activity_id).zfill(SHORTEST_SERIAL)
    for length in range(SHORTEST_SERIAL, len(whole) + 1):
        yield whole[-length:]
    for letters in _letters():
        yield whole + letters


def parent_code(service_code: str, serial: str) -> str:
    """
    >>> parent_code("SOF", "5155")
    'TCK-SOF-5155-00'
    """
    return f"TCK-{service_code}-{serial}-00"


def child_code(service_code: str, serial: str, position: int) -> str:
    """Return the code of a child ticket and of its opportunity. `serial` is that of its parent.

    >>> child_code("F40", "5155", 3)
    'TCK-F40-5155-03'
    """
    if position < 1:
        raise ValueError(f"Positions of children start at one: {position}.")
    return f"TCK-{service_code}-{serial}-{position:02d}"


def recreated_code(code: str, attempt: int) -> str:
    """Return the code of a recreated opportunity. `attempt` counts all creations, so the first one again is the second.

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
    """Return the number of the creation that carries this code. The first has none in its code.

    >>> making("TCK-F40-5155-03"), making("TCK-F40-5155-03.2"), making("TCK-F40-5155-03.bis")
    (1, 2, 1)
    """
    number = (code or "").strip().partition(".")[2]
    return int(number) if number.isdecimal() and 0 < len(number) < 4 and int(number) > 1 else 1


def numbered_code(code: str, attempt: int) -> str:
    """Return the code of any creation; the first has the plain code.

    >>> numbered_code("TCK-F40-5155-03", 1), numbered_code("TCK-F40-5155-03", 3)
    ('TCK-F40-5155-03', 'TCK-F40-5155-03.3')
    """
    return code if attempt == 1 else recreated_code(code, attempt)


def _letters() -> Iterator[str]:
    """Yield A, B, ... Z, AA, AB, ... like the columns of a spreadsheet."""
    for length in count(1):
        for letters in product(ascii_uppercase, repeat=length):
            yield "".join(letters)


def own_code(code: str | None) -> str:
    """Return the child code within a code, without the number of a recreation. Empty: the code is not ours.

    >>> own_code(" tck-f40-5155-03.2"), own_code("2027/14"), own_code(None)
    ('TCK-F40-5155-03', '', '')
    """
    plain = (code or "").strip().upper().partition(".")[0]
    return plain[:LONGEST_CODE] if plain.startswith(CODE_PREFIX) else ""
