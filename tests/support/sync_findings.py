"""What a synchronisation came upon, in words that tests can compare."""

from models import Opportunity, TicketLine
from services.planning.opportunities.facts import SyncReason, explain
from services.planning.opportunities.flags import explain_flag
from services.vocabulary import FlagKind

WON, LOST = 3, 4
# What an action writes about itself: that, and that alone, may differ after a repeat.
OF_THE_ACTION = ("action", "action_item", "action_attempt", "event", "stream", "pgqueuer")

_REASONS = {
    **{explain(reason): reason.value for reason in SyncReason},
    **{explain_flag(flag, None): flag.value for flag in FlagKind},
}


def reported(items):
    """Each finding with its reason, where its words are those of one."""
    return [(item.crm_id, item.outcome, _REASONS.get(item.explanation, item.explanation)) for item in items]


async def mirrored(position):
    line = await TicketLine.get(position=position)
    return await Opportunity.get(ticket_line_id=line.id)
