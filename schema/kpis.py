"""Figures: what they mean, how they went, and what is behind them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from resolvers import kpis as resolve
from resolvers.reads.fields import LASTING
from resolvers.reads.rows import loaded
from schema.access import Operator
from schema.actions import ActionItem
from schema.connections import PageInfo
from schema.intake import IntakeItem
from schema.milestones import Milestone, Task
from schema.nodes import Node
from schema.opportunities import Opportunity
from schema.problems import Problem, problems
from schema.tickets import Ticket
from services.events import FollowState
from services.kpis import Figure
from services.planning.kpis import words
from services.planning.kpis.words import KpiDimension

KpiRow = Annotated[
    Ticket | Milestone | Task | Opportunity | IntakeItem | ActionItem,
    strawberry.union("KpiRow", description="One of the rows behind a number."),
]


@strawberry.type(
    description="What a figure means. Consoles translate by `key`; these words are those of the documentation."
)
class KpiDefinition:
    key: words.KpiKey = strawberry.field(description="The figure.")
    title: str = strawberry.field(description="Its name.")
    question: str = strawberry.field(description="The question that it answers.")
    formula: str = strawberry.field(description="How it is calculated.")
    clock: str = strawberry.field(description="From when to when, and by which clock.")
    nature: words.KpiNature = strawberry.field(
        description="Whether it is of what happened in a period, or of how things stand."
    )
    subjects: list[words.KpiSubject] = strawberry.field(
        description="What can be counted; the first is the default."
    )
    leaves_out: list[words.KpiExclusionReason] = strawberry.field(description="What is left out.")
    unit: words.KpiUnit = strawberry.field(description="Its unit.")
    direction: words.KpiDirection = strawberry.field(description="Where it should go.")
    dimensions: list[KpiDimension] = strawberry.field(description="What it can be taken apart by.")
    example: str = strawberry.field(description="An example that is worked out by hand.")


@strawberry.type(description="An exact number, and where it comes from.")
class Measure:
    value: Decimal | None = strawberry.field(
        description="The number, in `unit`; null if there is nothing to measure, which is not zero."
    )
    unit: words.KpiUnit = strawberry.field(description="Its unit.")
    count: int = strawberry.field(description="How many rows it is of.")
    numerator: int | None = strawberry.field(
        description="Of a share: how many rows count for it. `value` is this over `count`, rounded to four places."
    )
    address: strawberry.ID = strawberry.field(
        description="Pass it to `kpiPopulation` for the rows behind it."
    )


@strawberry.type(description="One way to sum up durations: by nearest rank, never a mean.")
class KpiStatistic:
    name: words.KpiStatisticName = strawberry.field(description="Which way.")
    measure: Measure = strawberry.field(description="The number.")


@strawberry.type(description="Where a figure should be.")
class KpiTarget:
    value: Decimal = strawberry.field(description="The bound, in the figure's unit.")
    met: bool | None = strawberry.field(
        description="Whether the number keeps to it; null without a number to compare."
    )
    since: date = strawberry.field(description="The day from which it holds.")
    set_by: Operator = loaded("Who set it.", by="set_by_id")


@strawberry.type(description="One stretch of a series.")
class KpiPoint:
    first: date = strawberry.field(name="from", description="Its first day.")
    end: date = strawberry.field(name="to", description="The day after its last.")
    measure: Measure = strawberry.field(description="The number: over the stretch, or as of its end.")
    target: Decimal | None = strawberry.field(
        description="The target that held on its last day; null if there was none."
    )
    partial: bool = strawberry.field(
        description="Whether the stretch is not over, or continues outside the period."
    )


@strawberry.type(description="One part of a figure.")
class KpiGroup:
    key: str = strawberry.field(
        description="What identifies it among the parts: an id, a code, a title or a value of an enumeration; `rest` "
        "for the others together, `none` for those without."
    )
    label: str = strawberry.field(
        description="What to show for it, in the data's own words; of an enumeration its value."
    )
    node: Node | None = loaded("What it is, if that is something with an id.", by="node_id")
    measure: Measure = strawberry.field(description="Its number.")
    previous: Measure | None = strawberry.field(description="The same for the period right before.")


@strawberry.type(description="How many rows lie between two bounds.")
class KpiBucket:
    at_least: Decimal | None = strawberry.field(description="The least value; null for no bound.")
    below: Decimal | None = strawberry.field(description="The value that they stay below; null for no bound.")
    measure: Measure = strawberry.field(description="How many there are.")


@strawberry.type(description="Rows that were left out for one reason.")
class KpiExclusion:
    reason: words.KpiExclusionReason = strawberry.field(description="The reason.")
    measure: Measure = strawberry.field(description="How many there are.")


@strawberry.type(description="One row behind a number, with what it contributes.")
class KpiPopulationEdge:
    cursor: str = strawberry.field(description="Its cursor, for `after`.")
    node: KpiRow = loaded("The row as it is now.", by="node_id")
    title: str = strawberry.field(description="Its ticket's code and its title.")
    subtitle: str = strawberry.field(description="The company, and the operator that it belongs to.")
    weight: Decimal = strawberry.field(description="What it contributes, in the number's unit.")
    counts: bool = strawberry.field(
        description="Of a share: whether it counts for it. False for rows that were left out."
    )
    at: datetime = strawberry.field(
        description="The instant by which it belongs to the stretch: its close, or the beginning of its due date."
    )


@strawberry.type(description="The rows behind a number.")
class KpiPopulationConnection:
    measure: Measure = strawberry.field(description="What the number is now.")
    definition: KpiDefinition = strawberry.field(description="What it means.")
    first: date = strawberry.field(name="from", description="The first day of its stretch.")
    end: date = strawberry.field(name="to", description="The day after its last.")
    members: list[KpiPopulationEdge] = strawberry.field(
        name="edges", description="The entries with their cursors."
    )
    page_info: PageInfo = strawberry.field(
        resolver=resolve.page_info, description="The position of the page in the list.", metadata=LASTING
    )
    total_count: int = strawberry.field(description="The length of the whole list: the number's `count`.")


@strawberry.type(description="One figure.")
class Kpi:
    address: strawberry.ID = strawberry.field(
        description="Identifies this figure with its period and filter; the same wherever it is asked for again."
    )
    definition: KpiDefinition = strawberry.field(description="What it means.")
    subject: words.KpiSubject = strawberry.field(description="What is counted.")
    measure: Measure = resolve.asked_of_figure(
        "The number: of a period, over it; of a state, as of now, or of the period's last day if that has "
        "passed. Null if nothing is known of that day.",
        Figure.measure,
    )
    statistics: list[KpiStatistic] = resolve.asked_of_figure(
        "Of durations: the median, which is also the number, P85, and the ends. Empty for others.",
        Figure.statistics,
        metadata=resolve.SHOWS_STATISTICS,
    )
    previous: Measure | None = resolve.asked_of_figure(
        "The same for the period right before; a state as of its last day. Null if nothing is known of it.",
        Figure.previous,
    )
    trend: words.KpiTrend | None = resolve.asked_of_figure(
        "How it went since, as the definition's direction sees it; null without a number on both sides.",
        Figure.trend,
    )
    target: KpiTarget | None = resolve.asked_of_figure(
        "Where it should be, if an administrator said so.",
        Figure.target,
    )
    series: list[KpiPoint] = strawberry.field(
        resolver=resolve.series,
        description="How it went, in days, weeks or months of the calendar; those without a number have null.",
        metadata={**LASTING, **resolve.SHOWS_POINTS},
    )
    groups: list[KpiGroup] = strawberry.field(
        resolver=resolve.groups,
        description="The number taken apart; the parts of a count or a sum add up to it.",
        metadata={**LASTING, **resolve.SHOWS_GROUPS},
    )
    buckets: list[KpiBucket] = resolve.asked_of_figure(
        "Of durations: how many rows lie between which bounds.",
        Figure.buckets,
        metadata=resolve.SHOWS_BUCKETS,
    )
    exclusions: list[KpiExclusion] = resolve.asked_of_figure(
        "What was looked at and left out, and why. Counted and left out are together all that lay in the "
        "period and the filter.",
        Figure.exclusions,
        metadata=resolve.SHOWS_EXCLUSIONS,
    )
    population: KpiPopulationConnection = strawberry.field(
        resolver=resolve.population_of_figure,
        description="The rows behind the number; short for `kpiPopulation(address: measure.address)`.",
        metadata={**LASTING, **resolve.SHOWS_MEMBERS},
    )


@strawberry.type(description="Figures of one period.")
class KpiReport:
    first: date = strawberry.field(name="from", description="The first day.")
    end: date = strawberry.field(name="to", description="The day after the last.")
    previous_first: date = strawberry.field(
        name="previousFrom", description="The first day of the period right before, of as many days."
    )
    today: date = strawberry.field(description="The calendar's day on which it was read.")
    zone: str = strawberry.field(description="The time zone in which days begin.")
    computed_at: datetime = strawberry.field(description="When it was read.")
    data_until: datetime = strawberry.field(
        resolver=resolve.data_until,
        description="When the last change was made that it includes.",
        metadata=LASTING,
    )
    figures: list[Kpi] = strawberry.field(
        description="The figures, in the order in which they were asked for."
    )


@strawberry.type(description="The target that was saved.")
class SaveKpiTargetPayload:
    target: KpiTarget | None = strawberry.field(
        description="The target as it is now; null if there is none from that day on, or if a problem prevented it."
    )
    problems: list[Problem] = problems()


@strawberry.type(description="One live item about figures.")
class KpiUpdate:
    state: FollowState = strawberry.field(
        description="SNAPSHOT: all figures that were asked for; also at midnight, when a rolling period moves on. "
        "CHANGE: those that are not as they were. ALIVE: none."
    )
    report: KpiReport = strawberry.field(description="The period, when it was read, and the figures.")
