"""Child tickets from opportunities, templates that tickets never touch, and tickets that are called off."""

import pytest

from models import (
    Event,
    Kit,
    KitLine,
    Milestone,
    MilestoneTemplate,
    Service,
    Task,
    TaskTemplate,
    Ticket,
    TicketLine,
    WorkflowTemplate,
)
from services.catalog.loader import load_catalog
from services.catalog_store import store_catalog
from services.errors import Refusal
from services.milestones import reopen_task
from services.tickets import ChildrenChoice, cancel_ticket
from services.vocabulary import MilestoneStatus, TaskStatus, TicketKind, TicketStatus
from tests.hub import (
    add_operator,
    complete_all,
    dump,
    generate,
    make_responsible,
    sell,
    synchronise,
    take_in,
)

CATALOG_TABLES = ("workflow_template", "milestone_template", "task_template", "service", "kit", "kit_line")


async def refusal_of(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value


async def statuses(model, ticket):
    return set(await model.filter(ticket_id=ticket.id).values_list("status", flat=True))


def catalog_of(path):
    rows = dump(path)
    return {name: rows[name] for name in CATALOG_TABLES}


def a_newer_catalog(code, **changes):
    """The shipped catalog with one workflow changed."""
    catalog = load_catalog()
    workflows = [one.model_copy(update=changes) if one.code == code else one for one in catalog.workflows]
    return catalog.model_copy(update={"workflows": tuple(workflows)})


# Children


async def test_a_child_has_the_whole_workflow_of_its_service(children):
    child = children[1]

    template = await WorkflowTemplate.get(code="F40", current=True)
    assert (child.kind, child.code, child.template_id) == (TicketKind.CHILD, "TCK-F40-5155-02", template.id)
    planned = await MilestoneTemplate.filter(template_id=template.id).order_by("position")
    made = await Milestone.filter(ticket_id=child.id).order_by("position")
    shape = [(one.position, one.title, one.kind, one.sla_days, one.warning_days) for one in planned]
    assert [(one.position, one.title, one.kind, one.sla_days, one.warning_days) for one in made] == shape
    for template_row, row in zip(planned, made, strict=True):
        titles = TaskTemplate.filter(milestone_id=template_row.id).order_by("position")
        tasks = Task.filter(milestone_id=row.id).order_by("position")
        assert await tasks.values_list("title", "role", "mandatory") == await titles.values_list(
            "title", "role", "mandatory"
        )


async def test_a_milestone_starts_when_the_latest_of_those_that_it_waits_for_is_due(children):
    rows = {one.position: one for one in await Milestone.filter(ticket_id=children[1].id)}

    assert rows[1].starts_on == children[1].starts_on
    assert rows[3].starts_on == rows[4].starts_on == rows[2].due_on
    assert rows[5].starts_on == max(rows[3].due_on, rows[4].due_on)
    assert children[1].due_on == max(one.due_on for one in rows.values())


async def test_a_child_belongs_to_the_tree_and_the_company_of_its_parent(children, closed_parent):
    for child in children:
        assert (child.tree_id, child.parent_id) == (closed_parent.id, closed_parent.id)
        assert (child.company_id, child.digits) == (closed_parent.company_id, None)


async def test_a_child_is_owned_by_who_answers_for_its_service_and_else_by_the_parent_s_owner(
    hub, giulia, closed_parent
):
    sara = await add_operator(hub.events, "Sara")
    gone = await add_operator(hub.events, "Ugo", active=False)
    await make_responsible(sara, "F40")
    await make_responsible(gone, "KHW")
    await generate(hub, closed_parent.id, actor=giulia.id)

    await synchronise(hub, ticket_id=closed_parent.id, actor=giulia.id)

    children = await Ticket.filter(parent_id=closed_parent.id).order_by("position")
    assert [child.owner_id for child in children] == [giulia.id, sara.id, giulia.id, giulia.id]


async def test_a_child_s_tasks_go_to_their_roles_and_else_to_its_owner(hub, giulia, closed_parent):
    sara = await add_operator(hub.events, "Sara", workflow_roles=["formatore"])
    await generate(hub, closed_parent.id, actor=giulia.id)

    await synchronise(hub, ticket_id=closed_parent.id, actor=giulia.id)

    child = await Ticket.get(code="TCK-F40-5155-02")
    tasks = await Task.filter(ticket_id=child.id)
    assert {task.assignee_id for task in tasks if task.role == "formatore"} == {sara.id}
    assert {task.assignee_id for task in tasks if task.role != "formatore"} == {giulia.id}


# Templates


async def test_making_tickets_leaves_every_template_as_it_was(hub, hub_url, giulia, closed_parent):
    before = catalog_of(hub_url)

    await generate(hub, closed_parent.id, actor=giulia.id)
    await synchronise(hub, ticket_id=closed_parent.id, actor=giulia.id)
    for child in await Ticket.filter(parent_id=closed_parent.id):
        await complete_all(hub, child.id, actor=giulia.id)

    assert catalog_of(hub_url) == before


async def test_a_new_version_of_a_workflow_leaves_old_tickets_alone_and_serves_new_ones(
    hub, sandbox, giulia, parent
):
    old = await Milestone.filter(ticket_id=parent.id).values()
    onboarding = next(one for one in load_catalog().workflows if one.code == "ONBOARDING")
    [milestone] = onboarding.milestones
    shorter = milestone.model_copy(update={"title": "Avvio", "tasks": milestone.tasks[:2]})

    await store_catalog(a_newer_catalog("ONBOARDING", milestones=(shorter,)), events=hub.events)
    newer = await take_in(hub, await sell(sandbox, "kit SOF"), actor=giulia.id)

    assert await Milestone.filter(ticket_id=parent.id).values() == old
    assert (await Milestone.get(ticket_id=newer.id)).title == "Avvio"
    assert await Task.filter(ticket_id=newer.id).count() == 2
    versions = await WorkflowTemplate.filter(code="ONBOARDING").order_by("version").values("version", "id")
    assert [(one["version"], one["id"]) for one in versions] == [
        (1, parent.template_id),
        (2, newer.template_id),
    ]


async def test_a_child_takes_the_version_that_is_current_when_it_is_made(hub, giulia, closed_parent):
    await generate(hub, closed_parent.id, actor=giulia.id)
    await store_catalog(a_newer_catalog("KHW", name="Know How, seconda stesura"), events=hub.events)

    await synchronise(hub, ticket_id=closed_parent.id, actor=giulia.id)

    template = await (await Ticket.get(code="TCK-KHW-5155-03")).template
    assert (template.version, template.name) == (2, "Know How, seconda stesura")


async def test_a_kit_saved_anew_never_touches_the_lines_of_a_ticket(hub, giulia, parent):
    before = await TicketLine.filter(ticket_id=parent.id).order_by("position").values()
    catalog = load_catalog()
    kits = [
        kit.model_copy(update={"lines": kit.lines[:1], "name": "Ufficio Digitale"})
        if kit.code == "SOD"
        else kit
        for kit in catalog.kits
    ]
    services = [one.model_copy(update={"price": one.price * 2}) for one in catalog.services]

    await store_catalog(
        catalog.model_copy(update={"kits": tuple(kits), "services": tuple(services)}), events=hub.events
    )

    assert await KitLine.filter(kit_id=(await Kit.get(code="SOD")).id).count() == 1
    assert await TicketLine.filter(ticket_id=parent.id).order_by("position").values() == before


async def test_a_line_keeps_its_price_when_the_service_s_changes(hub, sandbox, giulia, closed_parent):
    await Service.filter(code="F40").update(price=1)

    await generate(hub, closed_parent.id, actor=giulia.id)

    [made] = [one for one in await sandbox.records("Opportunity") if one["code"] == "TCK-F40-5155-02"]
    assert made["amount"] == float((await TicketLine.get(ticket_id=closed_parent.id, position=2)).amount) != 1


# Called off


async def test_cancelling_a_ticket_cancels_what_is_open_below_it(hub, giulia, parent):
    task = await Task.get(ticket_id=parent.id, position=1)

    await cancel_ticket(parent.id, "Il cliente recede", children=None, actor=giulia.id, events=hub.events)

    ticket = await Ticket.get(id=parent.id)
    assert (ticket.status, ticket.reason) == (TicketStatus.CANCELLED, "Il cliente recede")
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
        assert (tickets[child.id].status, tickets[child.id].reason) == (TicketStatus.CANCELLED, "Recesso")
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
