"""An operator resolves or dismisses what waits in the inbox."""

import asyncio

import pytest

from models import IntakeItem, Ticket
from services.errors import Refusal
from services.events import EventType
from services.intake.sales import Choice
from services.vocabulary import IntakeReason, IntakeStatus
from tests.support.hub import add_operator, dump
from tests.support.refusals import refusal_of
from tests.support.shelf_crm import AMBIGUOUS, NAMELESS, OF_THE_AGENCY, waiting_item


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


async def test_of_two_operators_who_choose_different_kits_the_second_sees_what_the_first_decided(hub, giulia):
    sara = await add_operator(hub.events, "Sara", crm_user_id=2003)
    item = await waiting_item(await hub.intake.import_activity(AMBIGUOUS, actor=giulia.id))

    answers = await asyncio.gather(
        hub.intake.resolve(item.id, Choice(kit_code="SOT"), actor=giulia.id),
        hub.intake.resolve(item.id, Choice(kit_code="SOD"), actor=sara.id),
        return_exceptions=True,
    )

    ticket = await Ticket.get()
    [refusal] = [one for one in answers if isinstance(one, Refusal)]
    winner = "Giulia" if "SOT" in ticket.code else "Sara"
    assert refusal.code == "INTAKE_ITEM_SETTLED"
    assert f"RESOLVED as the ticket {ticket.code}, by {winner} at " in refusal.message


async def test_a_decision_that_settles_nothing_is_refused_and_writes_nothing(hub, hub_url, giulia):
    item = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))
    before = dump(hub_url)

    refusal = await refusal_of(hub.intake.resolve(item.id, Choice(owner_id=giulia.id), actor=giulia.id))

    assert (refusal.code, refusal.path) == ("STILL_WAITING", ("intakeItemId",))
    assert item.explanation in refusal.message
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


@pytest.mark.parametrize("decision", ["resolve", "dismiss"])
async def test_an_item_of_the_inbox_that_changed_since_somebody_looked_is_a_conflict(hub, giulia, decision):
    imported = await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    item_id = imported.intake_item_id
    seen = (await IntakeItem.get(id=item_id)).version
    async with hub.events.change("intake", actor="test") as change:
        await change.update(
            await IntakeItem.get(id=item_id), kind=EventType.INTAKE_ITEM_CHANGED, explanation="Altro."
        )
    choice = (Choice(kit_code="SOD"),) if decision == "resolve" else ()

    refusal = await refusal_of(
        getattr(hub.intake, decision)(item_id, *choice, actor=giulia.id, expected_version=seen)
    )

    assert (refusal.code, [change.column for change in refusal.changes]) == ("CONFLICT", ["explanation"])
    assert (await IntakeItem.get(id=item_id)).status == IntakeStatus.WAITING
