from dataclasses import replace
from datetime import date

import pytest

from services.planning.activities.activity_generator import (
    ActivityContent,
    ActivityOutcome,
    ChildTicketFacts,
    MilestoneFacts,
    OpportunityIsMissing,
    OpportunityWithoutChild,
    ShadowFacts,
    plan_activities,
    wanted_shadow,
)
from services.planning.tickets.workflow import TicketIsCancelled
from services.vocabulary import MilestoneStatus, TicketStatus

TICKET = ChildTicketFacts("TCK-F40-5155-01", TicketStatus.IN_PROGRESS, "Formazione 4.0 · Rossi Srl", 12)
DUE_ON = date(2026, 12, 4)
SHADOW = ShadowFacts(900, "Docenza", DUE_ON, 12, completed=False)
MILESTONE = MilestoneFacts("mil_2", 2, "Docenza", MilestoneStatus.IN_PROGRESS, DUE_ON)


def test_a_milestone_appears_in_the_crm_under_its_own_reference():
    content = wanted_shadow(MILESTONE, TICKET)

    assert content == ActivityContent(
        reference="TCK-F40-5155-01:2",
        subject="Docenza",
        description="Milestone 2 del ticket TCK-F40-5155-01\nFormazione 4.0 · Rossi Srl",
        due_on=DUE_ON,
        owner_crm_id=12,
        completed=False,
    )


@pytest.mark.parametrize(
    ("status", "subject", "completed"),
    [
        pytest.param(MilestoneStatus.PLANNED, "Docenza", False, id="planned"),
        pytest.param(MilestoneStatus.IN_PROGRESS, "Docenza", False, id="in progress"),
        pytest.param(MilestoneStatus.COMPLETED, "Docenza", True, id="completed"),
        pytest.param(MilestoneStatus.CANCELLED, "Docenza (annullata)", True, id="cancelled"),
    ],
)
def test_the_activity_follows_the_status_of_its_milestone(status, subject, completed):
    content = wanted_shadow(replace(MILESTONE, status=status), TICKET)

    assert (content.subject, content.completed) == (subject, completed)


def test_one_activity_is_made_for_each_milestone_in_order():
    first = replace(MILESTONE, id="mil_1", position=1, title="Analisi")

    plan = plan_activities(TICKET, [MILESTONE, first])

    assert [(one.milestone_id, one.outcome, one.crm_id) for one in plan] == [
        ("mil_1", ActivityOutcome.CREATE, None),
        ("mil_2", ActivityOutcome.CREATE, None),
    ]


def test_an_activity_that_says_everything_already_is_unchanged():
    (plan,) = plan_activities(TICKET, [replace(MILESTONE, shadow=SHADOW)])

    assert (plan.outcome, plan.crm_id, plan.changes) == (ActivityOutcome.UNCHANGED, 900, ())


@pytest.mark.parametrize(
    ("shadow", "changes"),
    [
        pytest.param(replace(SHADOW, subject="Lezioni"), ("subject",), id="subject"),
        pytest.param(replace(SHADOW, due_on=date(2026, 12, 1)), ("due_on",), id="due date"),
        pytest.param(replace(SHADOW, due_on=None), ("due_on",), id="no due date"),
        pytest.param(replace(SHADOW, completed=True), ("completed",), id="completed"),
        pytest.param(replace(SHADOW, owner_crm_id=13), ("owner_crm_id",), id="owner"),
        pytest.param(
            ShadowFacts(900, "Lezioni", None, None, completed=True),
            ("subject", "due_on", "completed", "owner_crm_id"),
            id="everything",
        ),
    ],
)
def test_an_update_brings_what_differs(shadow, changes):
    (plan,) = plan_activities(TICKET, [replace(MILESTONE, shadow=shadow)])

    assert (plan.outcome, plan.changes) == (ActivityOutcome.UPDATE, changes)


def test_an_owner_without_a_crm_user_leaves_the_activity_with_whom_it_is():
    (plan,) = plan_activities(replace(TICKET, owner_crm_id=None), [replace(MILESTONE, shadow=SHADOW)])

    assert plan.outcome is ActivityOutcome.UNCHANGED


def test_a_cancelled_milestone_gets_no_activity_but_ends_the_one_it_has():
    cancelled = replace(MILESTONE, status=MilestoneStatus.CANCELLED)

    without, ending = plan_activities(TICKET, [cancelled, replace(cancelled, position=3, shadow=SHADOW)])

    assert without.outcome is ActivityOutcome.SKIP
    assert (ending.outcome, ending.changes) == (ActivityOutcome.UPDATE, ("subject", "completed"))


def test_running_again_after_everything_was_written_changes_nothing():
    planned = plan_activities(TICKET, [MILESTONE])
    written = [
        replace(
            MILESTONE,
            shadow=ShadowFacts(
                900, one.content.subject, one.content.due_on, one.content.owner_crm_id, one.content.completed
            ),
        )
        for one in planned
    ]

    again = plan_activities(TICKET, written)

    assert [one.outcome for one in again] == [ActivityOutcome.UNCHANGED]


@pytest.mark.parametrize(
    ("ticket", "is_missing", "refusal"),
    [
        pytest.param(None, False, OpportunityWithoutChild, id="no child ticket"),
        pytest.param(
            replace(TICKET, status=TicketStatus.CANCELLED), False, TicketIsCancelled, id="cancelled"
        ),
        pytest.param(TICKET, True, OpportunityIsMissing, id="opportunity gone"),
    ],
)
def test_what_has_no_ticket_or_no_opportunity_left_gets_no_activities(ticket, is_missing, refusal):
    with pytest.raises(refusal):
        plan_activities(ticket, [MILESTONE], opportunity_is_missing=is_missing)


@pytest.mark.parametrize("status", list(MilestoneStatus))
def test_an_activity_that_is_not_ours_is_left_alone_whatever_it_shows(status):
    stranger = replace(SHADOW, subject="Sopralluogo", is_ours=False)
    milestone = replace(MILESTONE, status=status, shadow=stranger)

    [plan] = plan_activities(TICKET, [milestone])

    assert (plan.outcome, plan.crm_id, plan.changes) == (ActivityOutcome.NOT_OURS, 900, ())
