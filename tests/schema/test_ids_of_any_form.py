"""An id or a code comes from callers as it is: one that no row can hold is unknown, like any other."""

import pytest

from models import Company, CrmActivity, Ticket
from models.identity import ID_LENGTH
from services.vocabulary import Role
from tests.schema.conftest import context_for

PROBLEMS = "{ problems { code path } }"
CALLS = [
    ("completeTask(taskId: $id)", "UNKNOWN_TASK", "taskId"),
    ('waiveTask(taskId: $id, reason: "x")', "UNKNOWN_TASK", "taskId"),
    ('rescheduleTask(taskId: $id, dueOn: "2027-01-07")', "UNKNOWN_TASK", "taskId"),
    ("completeMilestone(milestoneId: $id)", "UNKNOWN_MILESTONE", "milestoneId"),
    ('rescheduleMilestone(milestoneId: $id, dueOn: "2027-01-07")', "UNKNOWN_MILESTONE", "milestoneId"),
    ('cancelTicket(ticketId: $id, reason: "x")', "UNKNOWN_TICKET", "ticketId"),
    ("generateOpportunities(ticketId: $id)", "UNKNOWN_TICKET", "ticketId"),
    ("syncOpportunities(ticketId: $id)", "UNKNOWN_TICKET", "ticketId"),
    ("syncOpportunities(companyId: $id)", "UNKNOWN_COMPANY", "companyId"),
    ("generateActivities(opportunityId: $id)", "UNKNOWN_OPPORTUNITY", "opportunityId"),
    ("mapOpportunity(crmOpportunityId: 1, ticketLineId: $id)", "UNKNOWN_LINE", "ticketLineId"),
    ("mapOpportunity(crmOpportunityId: 1, ticketId: $id)", "UNKNOWN_TICKET", "ticketId"),
    (
        'repairOpportunity(opportunityId: $id, repair: KEEP, reason: "x")',
        "UNKNOWN_OPPORTUNITY",
        "opportunityId",
    ),
    ("retryAction(actionId: $id)", "UNKNOWN_ACTION", "actionId"),
    ("cancelAction(actionId: $id)", "UNKNOWN_ACTION", "actionId"),
]


@pytest.mark.parametrize(("call", "code", "argument"), [pytest.param(*one, id=one[0]) for one in CALLS])
@pytest.mark.parametrize(
    "given",
    [
        pytest.param("x" * (ID_LENGTH + 1), id="one sign too long"),
        pytest.param("x" * 5_000, id="very long"),
        pytest.param("crm:9223372036854775808", id="a number of the CRM out of bounds"),
    ],
)
async def test_an_id_that_no_row_can_hold_is_unknown(execute, call, code, argument, given):
    operator = context_for(Role.OPERATOR)

    answer = await execute(f"mutation ($id: ID!) {{ {call} {PROBLEMS} }}", operator, id=given)

    assert answer.errors is None
    [payload] = answer.data.values()
    assert payload["problems"] == [{"code": code, "path": [argument]}]


async def test_a_row_is_found_by_no_value_that_it_cannot_hold(db):
    long, large = "x" * 5_000, 2**63

    assert await Ticket.get_or_none(code=long) is None
    assert await Ticket.filter(id__in=[long, "tck_1"]).count() == 0
    assert await Company.get_or_none(crm_id=large) is None
    assert await Company.filter(crm_id__in=[large, 1]).count() == 0
    assert await CrmActivity.filter(ticket_id=long).count() == 0
