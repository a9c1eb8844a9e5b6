"""What watchers are shown is folded from the log, and says the same as the rows."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

import pytest

from models import Milestone, Task, Ticket
from services import milestones
from services.events import FollowState
from services.events.log import read_stream
from services.progress import MilestoneProgress, ProgressProjection, TicketProgress, TreeProgress
from services.tickets import cancel_ticket
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus
from tests.hub import SteppedClock, add_operator, complete_all, hub_over
from tests.services.random_work import RandomWork


def share(tasks):
    counted = [task for task in tasks if task.status != TaskStatus.SKIPPED]
    done = sum(task.status == TaskStatus.DONE for task in counted)
    return (done, len(counted), done / len(counted) if counted else None)


async def counted_from_rows(tree_id):
    """The progress of a tree as its rows have it, parent first."""
    tickets = await Ticket.filter(tree_id=tree_id)
    tickets.sort(key=lambda ticket: (ticket.kind != "PARENT", ticket.position))
    shown_milestones, shown_tickets = [], []
    for ticket in tickets:
        rows = await Milestone.filter(ticket_id=ticket.id).order_by("position")
        live = []
        for row in rows:
            tasks = await Task.filter(milestone_id=row.id)
            cancelled = row.status == MilestoneStatus.CANCELLED
            live += [] if cancelled else tasks
            done, count, part = share(tasks)
            shown_milestones.append(
                MilestoneProgress(
                    milestone_id=row.id,
                    ticket_id=ticket.id,
                    ticket_code=ticket.code,
                    position=row.position,
                    title=row.title,
                    status=MilestoneStatus(row.status),
                    task_count=count,
                    finished_task_count=done,
                    progress=None if cancelled else part,
                )
            )
        status = TicketStatus(ticket.status)
        shown_tickets.append(TicketProgress(ticket.id, ticket.code, ticket.title, status, share(live)[2]))
    return TreeProgress(tuple(shown_milestones), tuple(shown_tickets))


async def told_change_by_change(tree_id):
    """A projection that has heard the tree's whole log, and everything that it answered."""
    projection = ProgressProjection()
    events = await read_stream(tree_id)
    told = [projection.apply(list(change)) for _, change in groupby(events, lambda event: event.change_id)]
    return projection, [change for change in told if change is not None]


def by_id(progress):
    return {one.milestone_id: one for one in progress.milestones} | {
        one.ticket_id: one for one in progress.tickets
    }


@pytest.mark.parametrize("seed", [pytest.param(seed, id=f"seed {seed}") for seed in (11, 12)])
async def test_after_any_work_the_snapshot_equals_the_rows_and_the_sum_of_its_changes(hub_url, sandbox, seed):
    clock = SteppedClock(datetime(2026, 12, 21, 9, tzinfo=UTC))
    async with hub_over(hub_url, sandbox, clock=clock, time_limit=0.3) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        await RandomWork(hub, sandbox, clock, [giulia], seed).do(150)

        for tree in await Ticket.filter(kind="PARENT"):
            projection, changes = await told_change_by_change(tree.id)
            assert projection.snapshot() == await counted_from_rows(tree.id)
            summed = {}
            for change in changes:
                summed.update(by_id(change))
            assert summed == by_id(projection.snapshot())


async def test_a_change_shows_what_it_touches_and_nothing_else(hub, giulia, children):
    task = await Task.filter(ticket_id=children[0].id).order_by("id").first()
    projection, _ = await told_change_by_change(children[0].tree_id)
    before = projection.snapshot()
    seq = (await read_stream(children[0].tree_id))[-1].seq

    await milestones.complete_task(task.id, actor=giulia.id, events=hub.events)
    change = projection.apply(await read_stream(children[0].tree_id, after=seq))

    [milestone], [ticket] = change.milestones, change.tickets
    assert (milestone.milestone_id, ticket.ticket_id) == (task.milestone_id, children[0].id)
    was = next(one for one in before.milestones if one.milestone_id == task.milestone_id)
    expected = replace(
        was, status=MilestoneStatus.IN_PROGRESS, finished_task_count=1, progress=1 / was.task_count
    )
    assert milestone == expected


async def test_a_change_that_nobody_sees_shows_nothing(hub, giulia, parent):
    task = await Task.filter(ticket_id=parent.id).first()
    ugo = await add_operator(hub.events, "Ugo")
    projection, _ = await told_change_by_change(parent.id)
    seq = (await read_stream(parent.id))[-1].seq

    await milestones.assign_task(task.id, ugo.id, actor=giulia.id, events=hub.events)

    assert projection.apply(await read_stream(parent.id, after=seq)) is None


async def test_a_milestone_without_anything_to_do_has_no_progress_rather_than_all_of_it(hub, giulia, parent):
    told = {"actor": giulia.id, "events": hub.events}
    for task in await Task.filter(ticket_id=parent.id):
        await milestones.waive_task(task.id, "Cliente storico", **told)
        await milestones.skip_task(task.id, None, **told)

    projection, _ = await told_change_by_change(parent.id)

    [milestone], [ticket] = projection.snapshot().milestones, projection.snapshot().tickets
    assert (milestone.task_count, milestone.progress, ticket.progress) == (0, None, None)


async def test_a_cancelled_milestone_counts_no_more(hub, giulia, parent):
    told = {"actor": giulia.id, "events": hub.events}
    task = await Task.filter(ticket_id=parent.id).first()
    await milestones.complete_task(task.id, **told)
    await cancel_ticket(parent.id, "Recesso", children=None, **told)

    projection, _ = await told_change_by_change(parent.id)

    [milestone], [ticket] = projection.snapshot().milestones, projection.snapshot().tickets
    assert (milestone.status, milestone.progress) == (MilestoneStatus.CANCELLED, None)
    assert (ticket.status, ticket.progress) == (TicketStatus.CANCELLED, None)


async def test_a_watcher_hears_the_closing_of_a_ticket_live(hub, giulia, parent):
    follow = hub.progress.follow(parent.id)
    first = await anext(follow)

    await complete_all(hub, parent.id, actor=giulia.id)
    heard = [await anext(follow) for _ in range(4)]
    await follow.aclose()

    assert (first.state, first.item.tickets[0].progress) == (FollowState.SNAPSHOT, 0.0)
    assert [one.item.tickets[0].progress for one in heard] == [0.25, 0.5, 0.75, 1.0]
    assert heard[-1].item.tickets[0].status == TicketStatus.CLOSED
    assert [one.previous_seq for one in heard] == [first.seq, *(one.seq for one in heard[:-1])]
