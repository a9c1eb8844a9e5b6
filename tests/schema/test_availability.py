"""`availability` says what pressing answers, in every state, for every role."""

from itertools import product

import pytest

import models
from services.activities import generation as activities
from services.events import Broadcast, EventLog
from services.opportunities import generation as opportunities, sync
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import NOW, TODAY, save

CAN = "{ allowed needsReason problem { code message path ... on ActionRunningProblem { action { id } } } }"
PROBLEMS = "{ problems { code message path ... on ActionRunningProblem { action { id } } } }"
TICKET_STATUSES = ("OPEN", "IN_PROGRESS", "CLOSED", "CANCELLED")
EVENTS = EventLog(clock=lambda: NOW, broadcast=Broadcast())


class Button:
    """A button, and the availability that predicts it."""

    def __init__(self, available, press, reason=None):
        self.available = f"query($id: ID!) {{ {available} }}"
        self.without = f"mutation($id: ID!) {{ press: {press.format(rest='')} {PROBLEMS} }}"
        self.reason = reason and f"mutation($id: ID!) {{ press: {press.format(rest=reason)} {PROBLEMS} }}"


YELLOW = Button(
    f"ticket(id: $id) {{ availability {{ can: generateOpportunities {CAN} }} }}",
    "generateOpportunities(ticketId: $id{rest})",
    ', override: "Il cliente ha fretta"',
)
ORANGE = Button(
    f"ticket(id: $id) {{ availability {{ can: syncOpportunities {CAN} }} }}",
    "syncOpportunities(ticketId: $id{rest})",
)
ORANGE_OF_COMPANY = Button(
    f"node(id: $id) {{ ... on Company {{ can: syncAvailability {CAN} }} }}",
    "syncOpportunities(companyId: $id{rest})",
)
VIOLET = Button(
    f"opportunity(id: $id) {{ availability {{ can: generateActivities {CAN} }} }}",
    "generateActivities(opportunityId: $id{rest})",
)
CANCEL = Button(
    f"ticket(id: $id) {{ availability {{ can: cancel {CAN} }} }}",
    'cancelTicket(ticketId: $id, children: KEEP{rest}, reason: "")',
    None,
)
CANCEL.reason = CANCEL.without.replace('reason: ""', 'reason: "Rinuncia"')


@pytest.fixture
def compare(execute):
    """Return what is predicted for each role, after pressing as that role has answered the same."""

    async def run(button, row_id):
        operator = await models.Operator.first()
        predicted = {}
        for role in (Role.VIEWER, Role.OPERATOR):
            context = context_for(role, operator_id=operator.id, events=EVENTS)

            async def ask(document, context=context):
                return await execute(document, context, id=row_id)

            can = found((await ask(button.available)).data)
            if role is Role.OPERATOR:
                admin = context_for(Role.ADMIN, operator_id=operator.id, events=EVENTS)
                assert found((await ask(button.available, admin)).data) == can
            answer = await ask(button.without)
            if role is Role.VIEWER:
                assert answer.errors[0].extensions["code"] == can["problem"]["code"] == "FORBIDDEN"
            else:
                assert answer.errors is None, answer.errors
                assert answer.data["press"]["problems"] == ([can["problem"]] if can["problem"] else [])
            assert can["allowed"] == (can["problem"] is None or can["needsReason"])
            if role is Role.OPERATOR and can["problem"] and button.reason:
                with_reason = (await ask(button.reason)).data["press"]["problems"]
                assert can["needsReason"] == (with_reason == [])
            predicted[role] = can
        return predicted[Role.OPERATOR]

    return run


def found(data):
    while "can" not in data:
        [data] = data.values()
    return data["can"]


async def ask_about(ticket_id):
    await save(
        models.IntakeItem(
            crm_activity_id=factories.number(),
            status="WAITING",
            reason="SALE_DELETED",
            explanation="The sale was deleted.",
            subject="",
            description="",
            ticket_id=ticket_id,
            created_at=NOW,
        )
    )


async def save_sale(*, lines=1, status="OPEN"):
    """A parent with lines that have a workflow, its source in the CRM, and no children."""
    owner, customer = factories.operator(), factories.company()
    workflow = factories.template()
    sold = factories.service(workflow_code=workflow.code)
    parent = factories.ticket(
        company_id=customer.id, owner_id=owner.id, template_id=workflow.id, serial=str(factories.number())
    )
    stream = models.Stream(id=parent.id)
    rows = [factories.line(parent, position=n, service_id=sold.id) for n in range(1, lines + 1)]
    await save(owner, customer, workflow, sold, stream, parent, *rows)
    return parent, rows


@pytest.fixture
async def streams(db):
    await models.Stream.get_or_create(id="intake")


LINES = ("none", "ready", "one without a workflow", "one filled", "all filled")


@pytest.mark.parametrize("lines", LINES)
async def test_generating_opportunities_is_predicted(compare, streams, lines):
    reported = set()
    for status, asked, running in product(TICKET_STATUSES, (False, True), ("none", "same", "other")):
        parent, rows = await save_sale(lines=0 if lines == "none" else 2)
        press = {"override_reason": "Subito", "actor": parent.owner_id, "events": EVENTS}
        if rows and running == "same":
            await opportunities.generate_opportunities(parent.id, **press)
        if rows and running == "other":
            await opportunities.generate_opportunities(parent.id, line_ids=[rows[1].id], **press)
        if lines == "one without a workflow":
            await models.TicketLine.filter(id=rows[0].id).update(service_id=(await without_workflow()).id)
        for filled in {"one filled": rows[:1], "all filled": rows}.get(lines, ()):
            await save(factories.opportunity(parent, ticket_line_id=filled.id))
        if asked:
            await ask_about(parent.id)
        await models.Ticket.filter(id=parent.id).update(status=status)

        can = await compare(YELLOW, parent.id)

        reported.add(can["problem"]["code"] if can["problem"] else None)
    assert reported == TOLD[lines]


ALWAYS = {None, "SALE_IN_QUESTION", "TICKET_CANCELLED", "TICKET_NOT_CLOSED"}
TOLD = {
    "none": {"SALE_IN_QUESTION", "TICKET_CANCELLED", "TICKET_WITHOUT_LINES"},
    "ready": ALWAYS | {"ACTION_RUNNING"},
    "one without a workflow": ALWAYS | {"SERVICE_WITHOUT_TEMPLATE"},
    "one filled": ALWAYS | {"ACTION_RUNNING"},
    "all filled": ALWAYS,
}


async def without_workflow():
    service = factories.service()
    await save(service)
    return service


@pytest.mark.parametrize("status", TICKET_STATUSES)
async def test_a_child_predicts_that_it_has_no_lines_to_sell(compare, streams, status):
    tree = await factories.save_tree(children=1)
    [child] = tree.children
    await models.Stream.create(id=tree.parent.id)
    await models.Ticket.filter(id=child.id).update(status=status)

    can = await compare(YELLOW, child.id)

    assert can["problem"]["code"] == "NOT_A_PARENT"


SHADOWS = ("none", "some", "missing")


@pytest.mark.parametrize("shadows", SHADOWS)
async def test_generating_activities_is_predicted(compare, streams, shadows):
    reported = set()
    states = product(
        (*TICKET_STATUSES, "no child"), (False, True), (False, True), ("none", "same", "other"), (False, True)
    )
    for status, missing, asked, running, cancelled in states:
        tree = await factories.save_tree(children=1, milestones=2, tasks=0)
        [child] = tree.children
        opportunity = await models.Opportunity.get(child_ticket_id=child.id)
        await models.Stream.create(id=tree.parent.id)
        await show(child, shadows)
        if running != "none":
            action = await activities.generate_activities(
                opportunity.id, actor=tree.operator.id, events=EVENTS
            )
            if running == "other":
                await models.Action.filter(id=action.id).update(open_scope=action.id)
        if cancelled:
            await models.Milestone.filter(ticket_id=child.id).update(status="CANCELLED")
        await models.Opportunity.filter(id=opportunity.id).update(
            missing_since=NOW if missing else None,
            child_ticket_id=None if status == "no child" else child.id,
        )
        if asked:
            await ask_about(tree.parent.id)
        if status != "no child":
            await models.Ticket.filter(id=child.id).update(status=status)

        can = await compare(VIOLET, opportunity.id)

        reported.add(can["problem"]["code"] if can["problem"] else None)
    refused = {"OPPORTUNITY_WITHOUT_CHILD", "TICKET_CANCELLED", "OPPORTUNITY_MISSING", "SALE_IN_QUESTION"}
    assert reported == {None, "ACTION_RUNNING", *refused}


async def show(child, shadows):
    if shadows == "none":
        return
    first = await models.Milestone.get(ticket_id=child.id, position=1)
    await save(
        models.CrmActivity(
            role="SHADOW",
            tree_id=child.tree_id,
            crm_id=factories.number(),
            subject="Fase 1",
            milestone_id=first.id,
            due_on=TODAY,
            created_at=NOW,
            missing_since=NOW if shadows == "missing" else None,
        )
    )


async def test_a_child_predicts_the_activities_of_its_opportunity(ask, streams):
    tree = await factories.save_tree(children=1)

    data = await ask(
        f"""query($id: ID!) {{ ticket(id: $id) {{ availability {{ generateActivities {CAN} }}
            children {{ availability {{ generateActivities {CAN} }}
                opportunity {{ availability {{ generateActivities {CAN} }} }} }} }} }}""",
        id=tree.parent.id,
    )

    assert data["ticket"]["availability"] == {"generateActivities": None}
    [child] = data["ticket"]["children"]
    assert child["availability"] == child["opportunity"]["availability"]


@pytest.mark.parametrize("button", [ORANGE, ORANGE_OF_COMPANY], ids=["of a ticket", "of a company"])
async def test_a_synchronisation_is_predicted(compare, streams, button):
    reported = []
    for running in ("none", "ticket", "company", "everything"):
        parent, _ = await save_sale()
        press = {"actor": parent.owner_id, "events": EVENTS}
        scope = {"ticket": {"ticket_id": parent.id}, "company": {"company_id": parent.company_id}}
        if running != "none":
            await sync.sync_opportunities(**scope.get(running, {}), **press)

        can = await compare(button, parent.id if button is ORANGE else parent.company_id)

        reported.append(can["problem"] and can["problem"]["code"])
        await models.ActionItem.all().update(open_key=None)
    same = ["none", "ticket", "company", "everything"].index("ticket" if button is ORANGE else "company")
    assert reported == [None if n in (0, same) else "ACTION_RUNNING" for n in range(4)]


async def test_a_company_without_sales_has_nothing_to_synchronise(compare, streams):
    company = factories.company()
    await save(factories.operator(), company)

    can = await compare(ORANGE_OF_COMPANY, company.id)

    assert can["problem"]["code"] == "NOTHING_TO_SYNC"


@pytest.mark.parametrize("status", TICKET_STATUSES)
async def test_a_cancellation_is_predicted(compare, streams, status):
    parent, _ = await save_sale()
    await models.Ticket.filter(id=parent.id).update(status=status)

    can = await compare(CANCEL, parent.id)

    code = can["problem"] and can["problem"]["code"]
    assert code == {"CLOSED": "TICKET_CLOSED", "CANCELLED": None}.get(status, "REASON_REQUIRED")
    assert can["needsReason"] == (code == "REASON_REQUIRED")


@pytest.mark.parametrize("children", [pytest.param(1, id="few"), pytest.param(40, id="many")])
async def test_availability_takes_no_statement_of_its_own(ask, statements, streams, children):
    tree = await factories.save_tree(children=children)
    statements.clear()

    await ask(
        f"""query($id: ID!) {{ ticket(id: $id) {{ company {{ syncAvailability {CAN} }}
            availability {{ generateOpportunities {CAN} syncOpportunities {CAN} cancel {CAN} }}
            opportunities {{ availability {{ generateActivities {CAN} }} }}
            children {{ availability {{ generateActivities {CAN} cancel {CAN} }} }} }} }}""",
        id=tree.parent.id,
    )

    assert len(statements) == 4
