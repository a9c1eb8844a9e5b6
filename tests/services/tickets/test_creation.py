"""Children take their workflow from the template that is current, and tickets answer to their names."""

from models import (
    CrmActivity,
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
from services.catalog.store import store_catalog
from services.opportunities.generation import generate_opportunities
from services.planning.catalog.loader import load_catalog
from services.records import get_opportunity, get_ticket
from services.vocabulary import TicketKind
from tests.support.hub import (
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


def catalog_of(path):
    rows = dump(path)
    return {name: rows[name] for name in CATALOG_TABLES}


def a_newer_catalog(code, **changes):
    """The shipped catalog with one workflow changed."""
    catalog = load_catalog()
    workflows = [one.model_copy(update=changes) if one.code == code else one for one in catalog.workflows]
    return catalog.model_copy(update={"workflows": tuple(workflows)})


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
        assert await tasks.values_list("title", "workflow_role", "mandatory") == await titles.values_list(
            "title", "workflow_role", "mandatory"
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
        assert (child.company_id, child.serial) == (closed_parent.company_id, None)


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
    assert {task.assignee_id for task in tasks if task.workflow_role == "formatore"} == {sara.id}
    assert {task.assignee_id for task in tasks if task.workflow_role != "formatore"} == {giulia.id}


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


async def test_a_kit_saved_again_never_touches_the_lines_of_a_ticket(hub, giulia, parent):
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


async def test_a_ticket_and_an_opportunity_answer_to_id_code_and_crm_id(opportunity):
    parent = await Ticket.get(id=opportunity.ticket_id)
    source = await CrmActivity.get(ticket_id=parent.id)

    tickets = [await get_ticket(one) for one in (parent.id, parent.code, f"crm:{source.crm_id}")]
    named = (opportunity.id, opportunity.code, f"crm:{opportunity.crm_id}")
    opportunities = [await get_opportunity(one) for one in named]

    assert {one.id for one in tickets} == {parent.id}
    assert {one.id for one in opportunities} == {opportunity.id}


async def test_the_buttons_take_the_code_and_the_crm_id_as_the_same_ticket(hub, giulia, closed_parent):
    source = await CrmActivity.get(ticket_id=closed_parent.id)

    pressed = [
        await generate_opportunities(one, actor=giulia.id, events=hub.events)
        for one in (closed_parent.id, closed_parent.code, f"crm:{source.crm_id}")
    ]

    assert len({action.id for action in pressed}) == 1
