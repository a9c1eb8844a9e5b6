"""What a figure is: its words, what it counts, and the rule by which one row contributes to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType

from services.planning.calendar import WorkCalendar
from services.planning.kpis.words import (
    KpiDimension,
    KpiDirection,
    KpiExclusionReason,
    KpiKey,
    KpiNature,
    KpiSubject,
    KpiUnit,
)

Rule = Callable[[date, date, WorkCalendar], int]
"""What a row contributes, by the two days that the figure compares: 0 or 1 to a share, days to a duration."""


class Kind(Enum):
    """How the contributions of rows become one number.

    COUNT: how many rows there are. SHARE: how many of them contribute. DURATION: the median of what they contribute.
    RATIO: what they have done over what they have to do. SUM: what they add up to. LOAD: the same over the
    hours of the operators who have them.
    """

    COUNT = "count"
    SHARE = "share"
    DURATION = "duration"
    RATIO = "ratio"
    SUM = "sum"
    LOAD = "load"


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A figure. `example` is worked out by hand, and a test works it out again."""

    key: KpiKey
    title: str
    question: str
    formula: str
    clock: str
    kind: Kind
    nature: KpiNature
    unit: KpiUnit
    direction: KpiDirection
    subjects: tuple[KpiSubject, ...]
    leaves_out: tuple[KpiExclusionReason, ...]
    dimensions: tuple[KpiDimension, ...]
    rule: Rule
    example: str


WORK_DIMENSIONS = (
    KpiDimension.KIT,
    KpiDimension.SERVICE,
    KpiDimension.TEMPLATE,
    KpiDimension.MILESTONE,
    KpiDimension.OPERATOR,
    KpiDimension.COMPANY,
    KpiDimension.TICKET_KIND,
    KpiDimension.PRIORITY,
)
"""What work can be filtered and taken apart by."""

OPEN_WORK_DIMENSIONS = (*WORK_DIMENSIONS, KpiDimension.LIGHT)

AS_OF = "As of now, or of the end of the period's last day where that has passed."
"""The clock of what is no flow."""

_registry: dict[KpiKey, Definition] = {}

DEFINITIONS: Mapping[KpiKey, Definition] = MappingProxyType(_registry)
"""Every figure, in the order in which the documentation explains them."""


def defines(
    key: KpiKey,
    *,
    title: str,
    question: str,
    formula: str,
    clock: str,
    kind: Kind,
    nature: KpiNature,
    unit: KpiUnit,
    direction: KpiDirection,
    subjects: Sequence[KpiSubject],
    leaves_out: Sequence[KpiExclusionReason] = (),
    dimensions: Sequence[KpiDimension] = WORK_DIMENSIONS,
) -> Callable[[Rule], Rule]:
    """Define a figure by its rule. The rule's docstring is the example."""

    def define(rule: Rule) -> Rule:
        example = " ".join((rule.__doc__ or "").split())
        _registry[key] = Definition(
            key, title, question, formula, clock, kind, nature, unit, direction,
            tuple(subjects), tuple(leaves_out), tuple(dimensions), rule, example,
        )  # fmt: skip
        return rule

    return define
