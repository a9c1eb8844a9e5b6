"""Whether the time of a row has come, by a clock that may have been set.

A time further off than any that is planned was written by a clock that was ahead, so it has come, too.
"""

from typing import Any

from tortoise.expressions import Q


def is_due(at: Any, now: Any, *, farthest: Any) -> bool:
    """Whether the time has come. `farthest` is how far ahead times are planned.

    >>> [is_due(at, 100.0, farthest=30.0) for at in (100.0, 101.0, 130.0, 131.0)]
    [True, False, False, True]
    """
    return not now < at <= now + farthest


def due(column: str, now: Any, *, farthest: Any) -> Q:
    """Select the rows for which `is_due` holds."""
    return Q(**{f"{column}__lte": now}) | Q(**{f"{column}__gt": now + farthest})


def not_due(column: str, now: Any, *, farthest: Any) -> Q:
    """Select the rows for which it does not."""
    return Q(**{f"{column}__gt": now, f"{column}__lte": now + farthest})
