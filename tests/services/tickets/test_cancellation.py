"""A cancelled ticket cancels what is open below it, and its children as the operator decides."""

import pytest

from models import Event, Milestone, Task, Ticket
from services.tickets.cancellation import ChildrenChoice, cancel_ticket
from services.tickets.workflow import reopen_task
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus
from tests.support.hub import complete_all, dump
from tests.support.refusals import refusal_of


async def statuses(model, ticket):
    return set(await model.filter(ticket_id=ticket.id).values_list("status", flat=True))


async def test_cancelling_a_ticket_cancels_what_is_open_below_it(hub, giulia, parent):
    task = await Task.get(ticket_id=parent.id, position=1)

    await cancel_ticket(parent.id, "Il cliente recede", children=None, actor=giulia.id, events=hub.events)

    ticket = await Ticket.get(id=parent.id)
    assert (ticket.status, ticket.cancelled_reason) == (TicketStatus.CANCELLED, "Il cliente recede")
    assert ticket.cancelled_at is not None
    assert await statuses(Milestone, parent) == {MilestoneStatus.CANCELLED}
    assert (await Task.get(id=task.id)).status == TaskStatus.TODO


@pytest.fixture
async def reopened_parent(hub, giulia, children, closed_parent):
    """A parent in progress again, with four children of which the first is closed."""
    await complete_all(hub, children[0].id, actor=giulia.id)
    task = await Task.get(ticket_id=closed_parent.id, position=4)
    await reopen_task(task.id, "Da rimandare", actor=giulia.id, events=hub.events)
    return await Ticket.get(id=closed_parent.id)


async def test_a_ticket_with_open_children_is_not_cancelled_before_it_is_said_what_becomes_of_them(
    hub, hub_url, giulia, reopened_parent
):
    before = dump(hub_url)

    refusal = await refusal_of(
        cancel_ticket(reopened_parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)
    )

    assert refusal.code == "OPEN_CHILDREN"
    assert "TCK-F40-5155-02, TCK-KHW-5155-03, TCK-CLB-5155-04" in refusal.message
    assert dump(hub_url) == before


async def test_open_children_are_cancelled_with_their_parent_where_that_was_chosen(
    hub, giulia, reopened_parent, children
):
    await cancel_ticket(
        reopened_parent.id, "Recesso", children=ChildrenChoice.CANCEL, actor=giulia.id, events=hub.events
    )

    tickets = {one.id: one for one in await Ticket.all()}
    assert tickets[reopened_parent.id].status == TicketStatus.CANCELLED
    assert tickets[children[0].id].status == TicketStatus.CLOSED
    for child in children[1:]:
        assert (tickets[child.id].status, tickets[child.id].cancelled_reason) == (
            TicketStatus.CANCELLED,
            "Recesso",
        )
        assert await statuses(Milestone, child) == {MilestoneStatus.CANCELLED}


async def test_children_that_are_cancelled_with_their_parent_name_that_as_the_cause(
    hub, giulia, reopened_parent, children
):
    await cancel_ticket(
        reopened_parent.id, "Recesso", children=ChildrenChoice.CANCEL, actor=giulia.id, events=hub.events
    )

    cancelled = await Event.filter(kind="TICKET_CANCELLED").order_by("seq")
    own, *others = cancelled
    assert (own.entity_id, own.cause) == (reopened_parent.id, "request")
    assert [one.entity_id for one in others] == [child.id for child in children[1:]]
    assert {one.cause for one in others} == {own.id}


async def test_open_children_are_kept_where_that_was_chosen(hub, giulia, reopened_parent, children):
    await cancel_ticket(
        reopened_parent.id, "Recesso", children=ChildrenChoice.KEEP, actor=giulia.id, events=hub.events
    )

    assert (await Ticket.get(id=reopened_parent.id)).status == TicketStatus.CANCELLED
    kept = await Ticket.filter(parent_id=reopened_parent.id).order_by("position")
    assert [child.status for child in kept] == [TicketStatus.CLOSED, *[TicketStatus.OPEN] * 3]
    await complete_all(hub, kept[1].id, actor=giulia.id)
    assert (await Ticket.get(id=kept[1].id)).status == TicketStatus.CLOSED


async def test_cancelling_again_writes_nothing_and_asks_nothing(hub, hub_url, giulia, reopened_parent):
    choice = {"actor": giulia.id, "events": hub.events}
    await cancel_ticket(reopened_parent.id, "Recesso", children=ChildrenChoice.KEEP, **choice)
    before = dump(hub_url)

    await cancel_ticket(reopened_parent.id, "Recesso", children=None, **choice)

    assert dump(hub_url) == before


async def test_a_child_is_cancelled_without_a_word_about_its_parent(hub, giulia, children, closed_parent):
    await cancel_ticket(children[2].id, "Non serve più", children=None, actor=giulia.id, events=hub.events)

    assert (await Ticket.get(id=children[2].id)).status == TicketStatus.CANCELLED
    assert (await Ticket.get(id=closed_parent.id)).status == TicketStatus.CLOSED


@pytest.mark.parametrize(
    "children_choice",
    [
        pytest.param(None, id="nothing said of its children"),
        pytest.param(ChildrenChoice.KEEP, id="children kept"),
    ],
)
async def test_a_closed_ticket_is_not_cancelled(
    hub, hub_url, giulia, children, closed_parent, children_choice
):
    before = dump(hub_url)

    refusal = await refusal_of(
        cancel_ticket(
            closed_parent.id, "Ripensamento", children=children_choice, actor=giulia.id, events=hub.events
        )
    )

    assert refusal.code == "TICKET_CLOSED"
    assert dump(hub_url) == before


async def test_cancelling_needs_a_reason(hub, giulia, parent):
    refusal = await refusal_of(
        cancel_ticket(parent.id, "  ", children=None, actor=giulia.id, events=hub.events)
    )

    assert refusal.code == "REASON_REQUIRED"


async def test_a_ticket_that_does_not_exist_is_refused(hub):
    refusal = await refusal_of(
        cancel_ticket("tck_none", "Recesso", children=None, actor="opr_1", events=hub.events)
    )

    assert refusal.code == "UNKNOWN_TICKET"
