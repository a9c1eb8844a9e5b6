"""A sale in the CRM becomes one parent ticket, or waits in the inbox and says why."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models import Company, CrmActivity, IntakeItem, Kit, KitLine, Task, Ticket, TicketLine
from services.crm.records import ActivityRecord, CompanyRecord
from services.errors import Refusal
from services.intake import Intake
from services.sales import Choice
from services.vocabulary import CrmActivityRole, IntakeReason, IntakeStatus, TicketKind, TicketStatus
from tests.hub import (
    ACTIVITY_OF_THE_STORY,
    BREMBATE,
    INTAKE_SUB_TYPE,
    VALDARNO,
    SteppedClock,
    add_operator,
    dump,
    edit_record,
    hub_over,
    make_responsible,
    sell,
    take_in,
)

AMBIGUOUS, NAMELESS, OF_THE_AGENCY = 844018, 844206, 844590
PHONE_CALL = 841950


class ShelfCrm:
    """A CRM that holds sales of the story's kit under the ids that a test needs."""

    def __init__(self, *activity_ids: int) -> None:
        self.activity_ids = activity_ids

    def with_priority(self, _priority):
        return self

    async def get_activity(self, activity_id):
        if activity_id not in self.activity_ids:
            return None
        return ActivityRecord(
            id=activity_id,
            subject="Start Office Digital",
            sub_type_id=INTAKE_SUB_TYPE,
            company_id=BREMBATE,
            owner_id=2002,
        )

    async def get_company(self, company_id):
        return CompanyRecord(id=company_id, name="Officine Brembate")

    async def find_coded(self, part, *, company_id):
        return []


def intake_over(hub, crm):
    return Intake(crm=crm, events=hub.events, calendar=hub.calendar, sub_type_id=INTAKE_SUB_TYPE)


async def waiting_item(imported):
    assert imported.ticket_id is None
    return await IntakeItem.get(id=imported.intake_item_id)


async def refusal_of(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value


# What a sale becomes


async def test_a_sale_becomes_a_parent_with_onboarding_its_four_tasks_and_a_line_for_each_service(
    hub, giulia
):
    parent = await take_in(hub, actor=giulia.id)

    assert (parent.kind, parent.status, parent.code) == (
        TicketKind.PARENT,
        TicketStatus.OPEN,
        "TCK-SOD-5155-00",
    )
    assert parent.title == "Start Office Digital · Officine Meccaniche Brembate S.r.l."
    tasks = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [(task.title, task.sla_days) for task in tasks] == [
        ("Predisposizione Incarico", 2),
        ("Invio Incarico", 1),
        ("Firma Incarico", 7),
        ("Invio Mail di Benvenuto", 1),
    ]
    lines = await TicketLine.filter(ticket_id=parent.id).order_by("position").prefetch_related("service")
    assert [(line.service.code, line.mandatory) for line in lines] == [
        ("T50", True),
        ("F40", True),
        ("KHW", True),
        ("CLB", False),
    ]


async def test_a_line_takes_price_and_quantity_and_their_product(hub, sandbox, giulia):
    parent = await take_in(hub, await sell(sandbox, "Start Office Training"), actor=giulia.id)

    line = await TicketLine.get(ticket_id=parent.id, position=2).prefetch_related("service")
    assert (line.service.code, line.quantity) == ("F40", 2)
    assert line.unit_price == line.service.price
    assert line.amount == line.service.price * 2


async def test_a_parent_keeps_the_sale_and_the_company_that_it_came_from(hub, giulia):
    parent = await take_in(hub, actor=giulia.id)

    source = await CrmActivity.get(ticket_id=parent.id)
    assert (source.role, source.crm_id) == (CrmActivityRole.SOURCE, ACTIVITY_OF_THE_STORY)
    assert source.subject == "Start Office Digital - Officine Meccaniche Brembate"
    company = await Company.get(id=parent.company_id)
    assert (company.crm_id, company.vat_number) == (BREMBATE, "99012340164")


async def test_a_company_that_was_renamed_in_the_crm_is_refreshed_by_its_next_sale(hub, sandbox, giulia):
    await take_in(hub, actor=giulia.id)
    await edit_record(sandbox, "Company", BREMBATE, companyName="Brembate Holding S.p.A.")

    await take_in(hub, await sell(sandbox, "kit SOF"), actor=giulia.id)

    assert (await Company.get(crm_id=BREMBATE)).name == "Brembate Holding S.p.A."


# Once only


async def test_ten_imports_of_one_activity_at_once_give_one_ticket(hub, giulia):
    answers = await asyncio.gather(
        *(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id) for _ in range(10))
    )

    assert len({answer.ticket_id for answer in answers}) == 1
    assert await Ticket.all().count() == 1
    assert await CrmActivity.all().count() == 1


async def test_two_processes_that_import_one_activity_at_once_give_one_ticket(
    hub, hub_url, sandbox, giulia, rivals
):
    order = ("take in", ACTIVITY_OF_THE_STORY, giulia.id)

    first, second = await rivals.race(hub_url, sandbox, order, order)

    assert first == second == (await Ticket.get()).id


async def test_an_import_repeated_writes_nothing(hub, hub_url, giulia):
    await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id)
    before = dump(hub_url)

    await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id)

    assert dump(hub_url) == before


async def test_an_activity_that_waits_is_not_put_into_the_inbox_twice(hub, hub_url, giulia):
    await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    before = dump(hub_url)

    await hub.intake.import_activity(NAMELESS, actor=giulia.id)

    assert dump(hub_url) == before


# Codes


async def test_sales_whose_ids_end_alike_take_longer_digits(hub, giulia):
    await add_operator(hub.events, "Sara", crm_user_id=2004)

    parents = [await take_in(hub, number, actor=giulia.id) for number in (843311, 833311)]

    assert [parent.digits for parent in parents] == ["3311", "33311"]
    assert [parent.code for parent in parents] == ["TCK-SOS-3311-00", "TCK-SOF-33311-00"]


async def test_digits_are_unique_across_kits_also_when_many_are_claimed_at_once(hub, giulia):
    ids = [3311, 13311, 23311, 813311, 913311, 1913311, 2913311, 33311]
    intake = intake_over(hub, ShelfCrm(*ids))

    await asyncio.gather(*(intake.import_activity(one, actor=giulia.id) for one in ids))

    digits = await Ticket.all().values_list("digits", flat=True)
    assert len(set(digits)) == len(ids)
    for ticket in await Ticket.all():
        number = (await CrmActivity.get(ticket_id=ticket.id)).crm_id
        assert str(number).endswith(ticket.digits) or ticket.digits.startswith(str(number))


async def test_two_processes_that_claim_the_same_digits_get_different_ones(
    hub, hub_url, sandbox, giulia, rivals
):
    await add_operator(hub.events, "Sara", crm_user_id=2004)

    await rivals.race(hub_url, sandbox, ("take in", 843311, giulia.id), ("take in", 833311, giulia.id))

    digits = {one.digits for one in await Ticket.all()}
    assert digits in ({"3311", "33311"}, {"3311", "43311"})


async def test_an_id_whose_digits_are_all_taken_is_followed_by_a_letter(hub, giulia):
    intake = intake_over(hub, ShelfCrm(843311, 3311))

    await intake.import_activity(843311, actor=giulia.id)
    imported = await intake.import_activity(3311, actor=giulia.id)

    assert (await Ticket.get(id=imported.ticket_id)).code == "TCK-SOD-3311A-00"


async def test_a_number_with_fewer_than_four_digits_is_filled_with_zeros(hub, giulia):
    imported = await intake_over(hub, ShelfCrm(7)).import_activity(7, actor=giulia.id)

    assert (await Ticket.get(id=imported.ticket_id)).code == "TCK-SOD-0007-00"


# Whose it is


async def test_the_operator_behind_the_crm_owner_owns_the_parent(hub, giulia):
    paolo = await add_operator(hub.events, "Paolo")
    await make_responsible(paolo, "SOD")

    assert (await take_in(hub, actor=paolo.id)).owner_id == giulia.id


async def test_without_such_an_operator_the_main_service_s_responsible_owns_it(hub):
    paolo = await add_operator(hub.events, "Paolo")
    await make_responsible(paolo, "SOD")

    assert (await take_in(hub, actor=paolo.id)).owner_id == paolo.id


async def test_an_operator_who_left_owns_nothing_new(hub):
    await add_operator(hub.events, "Giulia", crm_user_id=2002, active=False)
    paolo = await add_operator(hub.events, "Paolo")
    await make_responsible(paolo, "SOD")

    assert (await take_in(hub, actor=paolo.id)).owner_id == paolo.id


async def test_a_responsible_who_left_owns_nothing_new(hub):
    paolo = await add_operator(hub.events, "Paolo", active=False)
    await make_responsible(paolo, "SOD")

    item = await waiting_item(await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor="opr_1"))

    assert item.reason == IntakeReason.NO_OWNER


async def test_a_task_goes_to_who_fills_its_role_and_else_to_the_owner(hub, giulia):
    marta = await add_operator(hub.events, "Marta", workflow_roles=["amministrazione"])
    await add_operator(hub.events, "Ugo", workflow_roles=["commerciale"], active=False)

    parent = await take_in(hub, actor=giulia.id)

    tasks = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [task.assignee_id for task in tasks] == [marta.id, marta.id, giulia.id, giulia.id]


# The inbox


@pytest.mark.parametrize(
    ("number", "reason", "candidates"),
    [
        pytest.param(NAMELESS, IntakeReason.NO_KIT, [], id="no kit"),
        pytest.param(AMBIGUOUS, IntakeReason.AMBIGUOUS_KIT, ["SOD", "SOT"], id="two kits"),
        pytest.param(OF_THE_AGENCY, IntakeReason.NO_OWNER, ["SOS"], id="nobody's"),
    ],
)
async def test_what_cannot_become_a_ticket_waits_with_its_reason(hub, giulia, number, reason, candidates):
    item = await waiting_item(await hub.intake.import_activity(number, actor=giulia.id))

    assert (item.crm_activity_id, item.status, item.reason) == (number, IntakeStatus.WAITING, reason)
    assert item.candidates == candidates
    assert await Ticket.all().count() == 0


async def test_a_sale_to_nobody_waits_as_unknown_company(hub, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital", companyId=None)

    item = await waiting_item(await hub.intake.import_activity(number, actor=giulia.id))

    assert item.reason == IntakeReason.UNKNOWN_COMPANY


async def test_a_sale_to_a_company_that_the_crm_deleted_waits_as_unknown_company(hub, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital", companyId=VALDARNO)
    await sandbox.delete("Company", VALDARNO)

    item = await waiting_item(await hub.intake.import_activity(number, actor=giulia.id))

    assert (item.reason, item.crm_company_id) == (IntakeReason.UNKNOWN_COMPANY, VALDARNO)


async def test_a_sale_to_a_company_that_was_merged_waits_as_unknown_company(hub, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital", companyId=VALDARNO)
    await sandbox.merge("Company", VALDARNO, into=BREMBATE)

    item = await waiting_item(await hub.intake.import_activity(number, actor=giulia.id))

    assert (item.reason, item.crm_company_id) == (IntakeReason.UNKNOWN_COMPANY, VALDARNO)


async def test_a_kit_without_services_waits_until_it_has_some(hub, giulia):
    kit = await Kit.get(code="SOD")
    await KitLine.filter(kit_id=kit.id).delete()

    item = await waiting_item(await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert (item.reason, item.candidates) == (IntakeReason.KIT_WITHOUT_SERVICES, ["SOD"])


async def test_an_inactive_kit_is_not_recognised(hub, giulia):
    await Kit.filter(code="SOD").update(active=False)

    item = await waiting_item(await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert item.reason == IntakeReason.NO_KIT


async def test_a_waiting_activity_that_is_corrected_in_the_crm_becomes_a_ticket(hub, sandbox, giulia):
    item = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))
    await edit_record(sandbox, "Activity", NAMELESS, description="Vendita Start Office Digital")

    parent = await take_in(hub, NAMELESS, actor=giulia.id)

    item = await IntakeItem.get(id=item.id)
    assert (item.status, item.ticket_id) == (IntakeStatus.RESOLVED, parent.id)
    assert item.settled_at is not None


async def test_a_waiting_activity_tells_its_newest_reason(hub, sandbox, giulia):
    item = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))
    await edit_record(sandbox, "Activity", NAMELESS, subject="SOD oppure SOF?")

    again = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))

    assert again.id == item.id
    assert (again.reason, again.subject) == (IntakeReason.AMBIGUOUS_KIT, "SOD oppure SOF?")


async def test_choosing_the_kit_resolves_an_item(hub, giulia):
    luca = await add_operator(hub.events, "Luca", crm_user_id=2003)
    item = await waiting_item(await hub.intake.import_activity(AMBIGUOUS, actor=giulia.id))

    resolved = await hub.intake.resolve(item.id, Choice(kit_code="SOT"), actor=giulia.id)

    parent = await Ticket.get(id=resolved.ticket_id)
    assert (parent.code, parent.owner_id) == ("TCK-SOT-4018-00", luca.id)
    assert (await IntakeItem.get(id=item.id)).status == IntakeStatus.RESOLVED


async def test_choosing_the_owner_resolves_an_item(hub, giulia):
    item = await waiting_item(await hub.intake.import_activity(OF_THE_AGENCY, actor=giulia.id))

    resolved = await hub.intake.resolve(item.id, Choice(owner_id=giulia.id), actor=giulia.id)

    assert (await Ticket.get(id=resolved.ticket_id)).owner_id == giulia.id


async def test_a_choice_that_settles_only_half_leaves_the_item_waiting_for_the_rest(hub, giulia):
    item = await waiting_item(await hub.intake.import_activity(AMBIGUOUS, actor=giulia.id))

    await hub.intake.resolve(item.id, Choice(kit_code="SOT"), actor=giulia.id)

    item = await IntakeItem.get(id=item.id)
    assert (item.status, item.reason) == (IntakeStatus.WAITING, IntakeReason.NO_OWNER)


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        pytest.param(Choice(kit_code="NOPE", owner_id="giulia"), "UNKNOWN_KIT", id="a kit that is none"),
        pytest.param(
            Choice(kit_code="SOT", owner_id="opr_nobody"), "UNKNOWN_OPERATOR", id="an owner who is nobody"
        ),
        pytest.param(Choice(kit_code="SOT", owner_id="ugo"), "INACTIVE_OPERATOR", id="an owner who left"),
    ],
)
async def test_a_wrong_choice_is_refused_and_writes_nothing(hub, hub_url, giulia, choice, code):
    ugo = await add_operator(hub.events, "Ugo", active=False)
    owner_id = {"giulia": giulia.id, "ugo": ugo.id}.get(choice.owner_id, choice.owner_id)
    item = await waiting_item(await hub.intake.import_activity(AMBIGUOUS, actor=giulia.id))
    before = dump(hub_url)

    refusal = await refusal_of(
        hub.intake.resolve(item.id, Choice(choice.kit_code, owner_id), actor=giulia.id)
    )

    assert refusal.code == code
    assert dump(hub_url) == before


async def test_a_dismissed_activity_is_out_of_the_inbox_and_stays_out_of_it(hub, hub_url, giulia):
    item = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))

    item = await hub.intake.dismiss(item.id, actor=giulia.id)

    assert (item.status, item.ticket_id) == (IntakeStatus.DISMISSED, None)
    before = dump(hub_url)
    await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    assert dump(hub_url) == before


@pytest.mark.parametrize("settle", ["resolve", "dismiss"])
async def test_what_is_settled_is_not_settled_again(hub, hub_url, giulia, settle):
    item = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))
    await hub.intake.dismiss(item.id, actor=giulia.id)
    before = dump(hub_url)

    choice = [Choice(kit_code="SOD")] if settle == "resolve" else []
    refusal = await refusal_of(getattr(hub.intake, settle)(item.id, *choice, actor=giulia.id))

    assert refusal.code == "INTAKE_ITEM_SETTLED"
    assert dump(hub_url) == before


@pytest.mark.parametrize("settle", ["resolve", "dismiss"])
async def test_an_item_that_does_not_exist_is_refused(hub, settle):
    choice = [Choice(kit_code="SOD")] if settle == "resolve" else []

    refusal = await refusal_of(getattr(hub.intake, settle)("int_none", *choice, actor="opr_1"))

    assert refusal.code == "UNKNOWN_INTAKE_ITEM"


async def test_dismissing_and_resolving_at_once_ends_one_way_only(hub, giulia):
    item = await waiting_item(await hub.intake.import_activity(OF_THE_AGENCY, actor=giulia.id))

    outcomes = await asyncio.gather(
        hub.intake.resolve(item.id, Choice(owner_id=giulia.id), actor=giulia.id),
        hub.intake.dismiss(item.id, actor=giulia.id),
        return_exceptions=True,
    )

    assert [isinstance(outcome, Refusal) for outcome in outcomes].count(True) == 1
    item = await IntakeItem.get(id=item.id)
    assert (await Ticket.all().count() == 1) == (item.status == IntakeStatus.RESOLVED)


# What is no sale


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(PHONE_CALL, "NOT_A_SALE", id="another sub-type, though it names a kit"),
        pytest.param(999_999, "UNKNOWN_ACTIVITY", id="no such activity"),
    ],
)
async def test_what_is_no_sale_is_refused_and_writes_nothing(hub, hub_url, giulia, number, code):
    before = dump(hub_url)

    refusal = await refusal_of(hub.intake.import_activity(number, actor=giulia.id))

    assert (refusal.code, refusal.path) == (code, ("crmActivityId",))
    assert dump(hub_url) == before


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(("[IH:TCK-F40-5155-01:2] SOD", ""), id="in the subject"),
        pytest.param(
            ("Start Office Digital", "[IH:TCK-F40-5155-01:2]\nMilestone 2"), id="in the description"
        ),
        pytest.param(("Start Office Digital", "ok\n[IH:TCK-F40-5155-01:2]"), id="below other words"),
    ],
)
async def test_an_activity_that_carries_our_marker_is_an_echo(hub, hub_url, sandbox, giulia, texts):
    number = await sell(sandbox, *texts)
    before = dump(hub_url)

    refusal = await refusal_of(hub.intake.import_activity(number, actor=giulia.id))

    assert refusal.code == "OWN_ECHO"
    assert dump(hub_url) == before


async def test_what_stands_below_a_torn_marker_of_ours_names_no_kit(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita SOD", "come d'intesa\n[IH: ticket creato per Start Office Finance")

    assert (await take_in(hub, number, actor=giulia.id)).code.startswith("TCK-SOD-")


# A CRM that fails


@pytest.mark.parametrize("action", ["Activity", "Company"])
@pytest.mark.parametrize(
    ("fault", "args"),
    [
        pytest.param("drop_before", {}, id="drops the line"),
        pytest.param("html_200", {}, id="answers a page"),
        pytest.param("html_502", {}, id="is behind a broken proxy"),
        pytest.param("status", {"status": 500}, id="breaks"),
        pytest.param("truncated_body", {}, id="stops in the middle"),
        pytest.param("empty_body", {}, id="says nothing"),
    ],
)
async def test_a_crm_that_fails_is_told_and_nothing_is_written(
    hub, hub_url, sandbox, giulia, action, fault, args
):
    await sandbox.plan(fault, match={"controller": action}, args=args, times=None)
    before = dump(hub_url)

    refusal = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert refusal.code == "CRM_UNAVAILABLE"
    assert dump(hub_url) == before


@pytest.mark.parametrize(
    "status", [pytest.param(429, id="too many calls"), pytest.param(503, id="down for a minute")]
)
async def test_a_pause_that_the_crm_asked_for_is_told_with_its_end_and_nobody_waits_for_it(
    hub, hub_url, sandbox, giulia, status
):
    await sandbox.plan("status", match={"controller": "Activity"}, args={"status": status, "retry_after": 60})
    before = dump(hub_url)
    first = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))
    called = len(await sandbox.calls(""))

    again = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert {first.code, again.code} == {"CRM_PAUSED"}
    assert "until 20" in first.message
    assert len(await sandbox.calls("")) == called
    assert dump(hub_url) == before


async def test_a_crm_that_refuses_is_told_in_its_own_words_and_nothing_is_written(
    hub, hub_url, sandbox, giulia
):
    await sandbox.plan(
        "status",
        match={"controller": "Activity"},
        args={"status": 403, "message": "Chiave senza permessi"},
        times=None,
    )
    before = dump(hub_url)

    refusal = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert refusal.code == "CRM_REFUSED"
    assert "Chiave senza permessi" in refusal.message
    assert dump(hub_url) == before


async def test_a_crm_that_is_not_there_is_told_and_nothing_is_written(hub_url, sandbox, unused_tcp_port):
    gone = replace(sandbox, crm=f"http://127.0.0.1:{unused_tcp_port}")
    async with hub_over(hub_url, gone) as hub:
        before = dump(hub_url)

        refusal = await refusal_of(hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor="opr_1"))

        assert refusal.code == "CRM_UNAVAILABLE"
        assert dump(hub_url) == before


# When it starts


@pytest.mark.parametrize(
    ("now", "starts_on", "due"),
    [
        pytest.param(
            datetime(2026, 12, 20, 23, 30, tzinfo=UTC),
            "2026-12-21",
            ["2026-12-23", "2026-12-24", "2027-01-07", "2027-01-08"],
            id="already Monday in Rome, still Sunday in UTC, with Christmas ahead",
        ),
        pytest.param(
            datetime(2026, 12, 31, 23, 15, tzinfo=UTC),
            "2027-01-01",
            ["2027-01-05", "2027-01-07", "2027-01-18", "2027-01-19"],
            id="already next year in Rome",
        ),
        pytest.param(
            datetime(2027, 3, 28, 0, 59, tzinfo=UTC),
            "2027-03-28",
            ["2027-03-31", "2027-04-01", "2027-04-12", "2027-04-13"],
            id="a minute before the clocks go forward, at Easter",
        ),
        pytest.param(
            datetime(2027, 3, 28, 22, 30, tzinfo=UTC),
            "2027-03-29",
            ["2027-03-31", "2027-04-01", "2027-04-12", "2027-04-13"],
            id="the day after in Rome, once the clocks have gone forward",
        ),
        pytest.param(
            datetime(2026, 10, 25, 22, 30, tzinfo=UTC),
            "2026-10-25",
            ["2026-10-27", "2026-10-28", "2026-11-06", "2026-11-09"],
            id="no longer the day after, once the clocks have gone back",
        ),
        pytest.param(
            datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
            "2026-10-25",
            ["2026-10-27", "2026-10-28", "2026-11-06", "2026-11-09"],
            id="the day after, before the clocks go back",
        ),
    ],
)
async def test_a_ticket_starts_on_rome_s_date_and_falls_due_on_working_days(
    hub_url, sandbox, now, starts_on, due
):
    async with hub_over(hub_url, sandbox, clock=SteppedClock(now)) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)

        parent = await take_in(hub, actor=giulia.id)

        tasks = await Task.filter(ticket_id=parent.id).order_by("position")
        assert parent.created_at == now
        assert str(parent.starts_on) == starts_on
        assert [str(task.due_on) for task in tasks] == due
        assert [task.starts_on for task in tasks] == [parent.starts_on, *(one.due_on for one in tasks[:-1])]
        assert parent.due_on == parent.original_due_on == tasks[-1].due_on
