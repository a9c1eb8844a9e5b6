"""The address of a number: everything that names the rows behind it, as one opaque text."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from services.planning.kpis.definitions import DEFINITIONS, WORK_DIMENSIONS, Definition
from services.planning.kpis.periods import Period, period_between
from services.planning.kpis.words import (
    CloseBasis,
    DueBasis,
    KpiDimension,
    KpiExclusionReason,
    KpiKey,
    KpiSubject,
)
from services.vocabulary import SlaLight

LONGEST_ADDRESS = 20_000

BUCKETS: Sequence[tuple[int, int | None]] = ((0, 3), (3, 6), (6, 11), (11, 21), (21, None))
"""Stretches of working days, each from its first number to below its second."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Only rows with one of these values in a dimension, or with `others`, only the other rows. None: no value."""

    dimension: KpiDimension
    values: tuple[str | None, ...]
    others: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figure is wanted: what is counted, and by which due date and close."""

    key: KpiKey
    subject: KpiSubject
    against: DueBasis = DueBasis.ORIGINAL
    close: CloseBasis = CloseBasis.LATEST

    @property
    def definition(self) -> Definition:
        return DEFINITIONS[self.key]


@dataclass(frozen=True, slots=True)
class Address:
    """One number: a figure of a period, narrowed; those left out for a `reason`; or those in a `bucket`."""

    wanted: Wanted
    period: Period
    narrowings: tuple[Narrowing, ...] = ()
    reason: KpiExclusionReason | None = None
    bucket: tuple[int, int | None] | None = None

    def of(self, period: Period) -> "Address":
        return replace(self, period=period)

    def narrowed(self, narrowing: Narrowing) -> "Address":
        return replace(self, narrowings=(*self.narrowings, narrowing))

    def __str__(self) -> str:
        wanted = self.wanted
        written = [
            [wanted.key, wanted.subject, wanted.against, wanted.close],
            [self.period.first, self.period.end],
            [[one.dimension, one.values, one.others] for one in self.narrowings],
            self.reason,
            self.bucket,
        ]
        return urlsafe_b64encode(orjson.dumps(written)).decode().rstrip("=")


def address_from(text: str) -> Address:
    """Return the address that a text stands for. ValueError: it stands for none.

    >>> wanted = Wanted(KpiKey.DUE, KpiSubject.TASKS)
    >>> address = Address(wanted, Period(date(2026, 11, 1), date(2026, 12, 1)))
    >>> address_from(str(address)) == address
    True
    """
    if len(text) > LONGEST_ADDRESS:
        raise ValueError("This is no address of a number.")
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        return _address(*orjson.loads(urlsafe_b64decode(padded)))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("This is no address of a number.") from error


def _address(wanted: Any, days: Any, narrowings: Any, reason: Any, bucket: Any) -> Address:
    key, subject, against, close = wanted
    figure = Wanted(KpiKey(key), KpiSubject(subject), DueBasis(against), CloseBasis(close))
    first, end = days
    if figure.subject not in figure.definition.subjects:
        raise ValueError("The figure does not count this.")
    if bucket is not None and tuple(bucket) not in BUCKETS:
        raise ValueError("There is no such bucket.")
    return Address(
        figure,
        period_between(date.fromisoformat(first), date.fromisoformat(end)),
        tuple(_narrowing(figure.definition, *one) for one in narrowings),
        None if reason is None else KpiExclusionReason(reason),
        None if bucket is None else (bucket[0], bucket[1]),
    )


def _narrowing(definition: Definition, name: Any, values: Any, others: Any) -> Narrowing:
    dimension = KpiDimension(name)
    if dimension not in (*WORK_DIMENSIONS, *definition.dimensions):
        raise ValueError("The figure knows nothing of this.")
    for value in values:
        if value is not None and not isinstance(value, str):
            raise ValueError("A narrowing has texts.")
        if dimension is KpiDimension.LIGHT:
            SlaLight(value or "")
        elif dimension is KpiDimension.COHORT:
            date.fromisoformat(f"{value}-01")
    return Narrowing(dimension, tuple(values), bool(others))
