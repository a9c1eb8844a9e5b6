"""The log is complete: folded from nothing it equals the rows, in order, and each change names its cause."""

from datetime import UTC, datetime
from itertools import groupby, pairwise

import pytest

from models import (
    Action,
    ActionItem,
    Comment,
    Company,
    CrmActivity,
    Event,
    IntakeItem,
    Link,
    Milestone,
    Opportunity,
    Stream,
    Task,
    Ticket,
    TicketLine,
    UnmatchedOpportunity,
)
from services.events import EventType
from services.events.log import column_values
from tests.support.hub import SteppedClock, add_operator, hub_over
from tests.support.random_work import RandomWork

OF_A_TREE = (Ticket, TicketLine, Milestone, Task, Opportunity, CrmActivity, Comment, Link)
OF_OTHER_STREAMS = (Company, IntakeItem, UnmatchedOpportunity, Action, ActionItem)
STEPS = 200


@pytest.fixture
async def staff(hub_url, sandbox, seed):
    """The two operators, by id, whose two hundred random steps the database holds."""
    clock = SteppedClock(datetime(2026, 12, 21, 9, tzinfo=UTC))
    async with hub_over(hub_url, sandbox, clock=clock, time_limit=0.3) as hub:
        staff = [
            await add_operator(hub.events, "Giulia", crm_user_id=2002),
            await add_operator(hub.events, "Marta", workflow_roles=["amministrazione", "formatore"]),
        ]
        await RandomWork(hub, sandbox, clock, staff, seed).do(STEPS)
        yield {one.id for one in staff}


def folded(events):
    """The rows that the events describe, by entity and id."""
    rows = {}
    keys = {}
    for event in events:
        key = keys[event.entity_id] = event.entity, event.entity_id
        if event.before is None:
            assert key not in rows, "Made twice."
            rows[key] = event.after
        else:
            assert {name: rows[key][name] for name in event.before} == event.before, (
                "Changed behind the log's back."
            )
            rows[key] = {**rows[key], **event.after} if event.after is not None else None
        for row_id, columns in (event.consequences or {}).items():
            rows[keys[row_id]] = {**rows[keys[row_id]], **columns}
    return {key: row for key, row in rows.items() if row is not None}


async def rows_of(models, **narrowed):
    return {
        (model.__name__, row.id): column_values(row)
        for model in models
        for row in await model.filter(**narrowed)
    }


@pytest.mark.parametrize("seed", [pytest.param(seed, id=f"seed {seed}") for seed in (3, 106, 203)])
async def test_the_log_equals_the_rows_names_every_cause_and_nothing_is_half_done(staff, sandbox):
    trees = await Ticket.filter(kind="PARENT").values_list("id", flat=True)
    assert trees

    for tree_id in trees:
        events = await Event.filter(stream_id=tree_id).order_by("seq")
        assert folded(events) == await rows_of(OF_A_TREE, tree_id=tree_id)
    others = await Event.filter(stream_id__not_in=trees).exclude(stream_id__in=["catalog", "access"])
    others.sort(key=lambda event: (event.stream_id, event.seq))
    assert folded(others) == await rows_of(OF_OTHER_STREAMS)

    for stream in await Stream.all():
        events = await Event.filter(stream_id=stream.id).order_by("seq")
        assert [event.seq for event in events] == list(range(1, stream.seq + 1))
        assert all(one.occurred_at <= next_one.occurred_at for one, next_one in pairwise(events))
        changes = [change_id for change_id, _ in groupby(events, lambda event: event.change_id)]
        assert len(changes) == len(set(changes)), "Two transactions are entangled."

    await every_cause_leads_to_an_operator(staff, trees)
    await codes_never_changed()
    await nothing_is_half_done(sandbox)


async def every_cause_leads_to_an_operator(staff, trees):
    events = {event.id: event for event in await Event.exclude(stream_id__in=["catalog", "access"])}
    planned = {
        event.entity_id: event
        for event in events.values()
        if event.entity == "ActionItem" and event.before is None
    }

    def own(event):
        while event.cause != "request":
            event = events.get(event.cause) or planned[event.cause]
        return event

    assert {own(event).actor for event in events.values()} <= staff
    by_operators = [event for event in events.values() if event.stream_id in trees and event.actor in staff]
    made_by_work = [
        event for event in by_operators if event.before is not None and event.entity != "CrmActivity"
    ]
    made_by_work.sort(key=lambda event: event.change_id)
    added = {one.change_id for one in by_operators if one.before is None and one.cause == "request"}
    for change_id, change in groupby(made_by_work, lambda event: event.change_id):
        # Room is made for an added task before there is one.
        causes = [event.cause for event in change if event.kind != EventType.TASK_MOVED]
        own = causes.count("request")
        assert own == 1 or (own == 0 and change_id in added), "Exactly one change is the operator's own."


async def codes_never_changed():
    later = await Event.filter(entity="Ticket", before__isnull=False)

    assert later
    assert not any({"code", "serial"} & event.after.keys() for event in later)


async def nothing_is_half_done(sandbox):
    opportunities = await sandbox.records("Opportunity")
    ours = [one for one in await sandbox.records("Activity") if "[IH:" in one["subject"]]
    activities = [one["subject"].split("]")[0] for one in ours]
    links = {one["id"]: one.get("opportunityId") for one in ours}

    codes = [one["code"] for one in opportunities if one["code"]]
    assert len(codes) == len(set(codes))
    assert len(activities) == len(set(activities))
    assert await Action.filter(status="RUNNING").count() == 0
    for shadow in await CrmActivity.filter(role="SHADOW").prefetch_related("opportunity"):
        waiting = await ActionItem.filter(key=shadow.id, outcome__in=["FAILED", "CANCELLED"]).exists()
        assert waiting or shadow.applied_revision == shadow.desired_revision
        assert waiting or shadow.opportunity.flag or links[shadow.crm_id] == shadow.opportunity.crm_id
