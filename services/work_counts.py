"""How much waits for the caller and for everybody: what the badges of the console show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from models import Action, IntakeItem, Operator, Opportunity, Task, UnmatchedOpportunity
from services.reads import EVERYTHING, AllOf, Compare, Reads, Related, Total, read_totals
from services.tickets.read_fields import is_late
from services.vocabulary import IntakeStatus

_READY = Compare("ready", "eq", True)
_HAS_A_LIGHT = Compare("yellow_on", "null", False)
_OF_A_LEAVER = Related("assignee_id", Operator, Compare("active", "eq", False))


@dataclass(frozen=True, slots=True)
class WorkCounts:
    mine: int
    mine_late: int
    team: int
    late: int
    orphaned: int
    intake: int
    crm_errors: int
    opportunities: int


async def count_work(operator_id: str, today: date, reads: Reads) -> WorkCounts:
    """Count what waits, in one statement."""
    counted = await read_totals(work_totals(operator_id, today), reads)
    unmatched, flagged = counted.pop("unmatched"), counted.pop("flagged")
    return WorkCounts(opportunities=unmatched + flagged, **counted)


def work_totals(operator_id: str, today: date) -> Mapping[str, Total]:
    """Return what is counted. Each follows an index."""
    mine = AllOf((Compare("assignee_id", "eq", operator_id), _READY))
    return {
        "mine": Total(Task, mine),
        "mine_late": Total(Task, AllOf((mine, Compare("due_on", "lt", today)))),
        "team": Total(Task, _READY),
        "late": Total(Task, is_late(True, today)),
        "orphaned": Total(Task, AllOf((_OF_A_LEAVER, _HAS_A_LIGHT))),
        "intake": Total(IntakeItem, Compare("status", "eq", IntakeStatus.WAITING)),
        "crm_errors": Total(Action, Compare("attention_count", "gt", 0), summed="attention_count"),
        "unmatched": Total(UnmatchedOpportunity, EVERYTHING),
        "flagged": Total(
            Opportunity, AllOf((Compare("flag", "null", False), Compare("kept_at", "null", True)))
        ),
    }
