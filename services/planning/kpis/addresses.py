"""The address of a number: everything that names the rows behind it, as one opaque text."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from services.planning.kpis.definitions import DEFINITIONS, Definition
from services.planning.kpis.periods import Period, period_between
from services.planning.kpis.words import (
    CloseBasis,
    DueBasis,
    KpiDimension,
    KpiExclusionReason,
    KpiKey,
    KpiSubject,
)

LONGEST_ADDRESS = 20_000


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
    return Address(
        figure,
        period_between(date.fromisoformat(first), date.fromisoformat(end)),
        tuple(_narrowing(*one) for one in narrowings),
        None if reason is None else KpiExclusionReason(reason),
        None if bucket is None else _bucket(*bucket),
    )


def _narrowing(dimension: Any, values: Any, others: Any) -> Narrowing:
    if not all(value is None or isinstance(value, str) for value in values):
        raise ValueError("A narrowing has texts.")
    return Narrowing(KpiDimension(dimension), tuple(values), bool(others))


def _bucket(least: Any, below: Any) -> tuple[int, int | None]:
    return int(least), None if below is None else int(below)
