"""Ticket and opportunity codes: `TCK-<service>-<digits>-<position>`.

A code is made once and never changes. Which digits a parent gets is settled by the database; this module only
says in which order they are tried.
"""

from collections.abc import Iterator
from itertools import count, product
from string import ascii_uppercase

SHORTEST_DIGITS = 4


def digits_candidates(crm_activity_id: int) -> Iterator[str]:
    """The digits a parent ticket may take, best first, without end and without repetition.

    >>> from itertools import islice
    >>> list(islice(digits_candidates(1005155), 7))
    ['5155', '05155', '005155', '1005155', '1005155A', '1005155B', '1005155C']
    >>> next(digits_candidates(7))
    '0007'
    """
    if crm_activity_id < 0:
        raise ValueError(f"A CRM activity id is not negative: {crm_activity_id}.")
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


def _letters() -> Iterator[str]:
    """A, B, ... Z, AA, AB, ... as the columns of a spreadsheet are named."""
    for length in count(1):
        for letters in product(ascii_uppercase, repeat=length):
            yield "".join(letters)
