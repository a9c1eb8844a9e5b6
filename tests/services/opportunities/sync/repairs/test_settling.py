"""A child is cancelled or a flag kept; what does not fit is refused."""

import pytest

from models import Action, ActionItem, Ticket
from services.vocabulary import ActionKind, ItemOutcome, Repair, TicketStatus
from tests.support.hub import complete_all, dump, generate, run_to_the_end
from tests.support.repairs import CODE, REPAIR, codes
from tests.support.sync_findings import mirrored, reported


@pytest.mark.parametrize(
    "kind", [pytest.param(one, id=one.value) for one in (Repair.RELINK, Repair.RECREATE)]
)
async def test_six_presses_by_two_processes_at_once_apply_it_once(
    hub, hub_url, sandbox, rivals, giulia, by_hand, lost, kind
):
    before = await mirrored(2)
    other = await by_hand("Un'altra proposta") if kind is Repair.RELINK else None
    order = ("repair", before.id, kind, other, giulia.id)

    answers = await rivals.race(hub_url, sandbox, order, order)

    [action_id] = {one for answer in answers for one in answer}
    items = await run_to_the_end(hub, await Action.get(id=action_id))
    assert len(items) == await Action.filter(kind=ActionKind.REPAIR_OPPORTUNITY).count() == 1
    assert (await mirrored(2)).version == before.version + 1
    made = [one for one in await sandbox.records("Opportunity") if one["code"] == f"{CODE}.2"]
    assert len(made) == (kind is Repair.RECREATE)


async def test_the_child_is_cancelled_for_a_reason_and_the_flag_goes(sync, repair, lost, children):
    answer = await repair("CANCEL_CHILD", reason="Il cliente rinuncia")

    assert answer["opportunity"]["flag"] is None
    child = await Ticket.get(id=children[1].id)
    assert (child.status, child.cancelled_reason) == (TicketStatus.CANCELLED, "Il cliente rinuncia")
    assert ItemOutcome.NEEDS_ATTENTION not in {outcome for _, outcome, _ in reported(await sync())}


async def test_kept_as_it_is_it_needs_no_person_any_more(sync, repair, lost):
    answer = await repair("KEEP", reason="Si consegna lo stesso")

    items = await sync()

    assert (answer["opportunity"]["flag"], answer["opportunity"]["keptReason"]) == (
        "LOST",
        "Si consegna lo stesso",
    )
    assert reported(items)[1] == (lost.crm_id, ItemOutcome.UNCHANGED, "LOST")
    assert (await mirrored(2)).kept_at is not None


async def test_pressed_again_after_its_end_it_answers_the_same_action(repair, hub_url, lost):
    first = await repair("CANCEL_CHILD", reason="Rinuncia")
    before = dump(hub_url)

    again = await repair("CANCEL_CHILD", reason="Rinuncia")

    assert again["action"] == first["action"]
    assert dump(hub_url) == before


@pytest.mark.parametrize(
    ("kind", "details", "code"),
    [
        pytest.param("CANCEL_CHILD", {}, "REASON_REQUIRED", id="cancel without a reason"),
        pytest.param("KEEP", {"reason": "  "}, "REASON_REQUIRED", id="keep without a reason"),
        pytest.param("RELINK", {}, "REPAIR_NOT_PROPOSED", id="relink to nothing"),
    ],
)
async def test_it_is_declined_with_nothing_written_to(repair, hub_url, lost, kind, details, code):
    before = dump(hub_url)

    answer = await repair(kind, **details)

    assert codes(answer) == [code]
    assert dump(hub_url) == before


async def test_a_child_whose_work_is_done_is_not_cancelled(hub, repair, giulia, lost, children):
    await complete_all(hub, children[1].id, actor=giulia.id)

    answer = await repair("CANCEL_CHILD", reason="Rinuncia")

    assert codes(answer) == ["REPAIR_NOT_PROPOSED"]


async def test_what_is_well_needs_no_repair(ask, hub_url, children):
    before = dump(hub_url)

    well = await ask(REPAIR, opportunity=(await mirrored(1)).id, repair="RECREATE")
    unknown = await ask(REPAIR, opportunity="opp_none", repair="RECREATE")

    assert (codes(well), codes(unknown)) == (["NOTHING_TO_REPAIR"], ["UNKNOWN_OPPORTUNITY"])
    assert dump(hub_url) == before


async def test_generating_again_after_a_repair_makes_nothing(
    hub, sandbox, giulia, repair, deleted, closed_parent
):
    await repair("RECREATE")

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}
    assert await ActionItem.filter(outcome=ItemOutcome.CREATED, kind="RECREATE_OPPORTUNITY").count() == 1
    assert len(await sandbox.records("Opportunity")) == 4
