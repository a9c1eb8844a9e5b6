"""The mark moves to the newest change and passes sales that fail."""

from datetime import timedelta

from structlog.testing import capture_logs

from models import IntakeItem
from services.intake.imports import Intake
from services.vocabulary import IntakeReason, IntakeStatus
from tests.support.hub import sell
from tests.support.polling import be_tried_again, mark, poll, sources


async def test_the_mark_moves_to_the_newest_change_and_stays_there(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital")
    record = await hub.crm.get_activity(number)

    await poll(hub)
    await poll(hub)

    assert (await mark()).high_water == record.modified_at


async def test_one_sale_that_breaks_us_stops_neither_the_others_nor_itself_for_good(
    hub, sandbox, monkeypatch
):
    broken = await sell(sandbox, "Start Office Digital")
    fine = await sell(sandbox, "Start Office Finance", companyId=408102)
    import_record = Intake.import_record

    async def stumble(self, record, *, actor):
        if record.id == broken:
            raise ZeroDivisionError
        return await import_record(self, record, actor=actor)

    with monkeypatch.context() as bug, capture_logs() as logs:
        bug.setattr(Intake, "import_record", stumble)
        await poll(hub)
        await poll(hub)

    assert await sources() == {fine}
    assert (await mark()).high_water == (await hub.crm.get_activity(fine)).modified_at
    assert [log["crm_activity_id"] for log in logs if log["event"] == "sale_not_taken_in"] == [broken]

    await be_tried_again()
    await poll(hub)

    assert await sources() == {broken, fine}
    assert (await mark()).high_water == (await hub.crm.get_activity(fine)).modified_at


async def test_a_sale_whose_company_cannot_be_read_now_is_taken_in_later(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital")
    await sandbox.plan("status", match={"controller": "Company"}, args={"status": 500}, times=1)
    await poll(hub)
    assert await sources() == set()

    await poll(hub)

    assert await sources() == {number}
    assert (await IntakeItem.get()).status == IntakeStatus.RESOLVED


async def test_a_sale_whose_company_is_closed_to_us_is_tried_less_and_less_and_costs_no_round(hub, sandbox):
    number = await sell(sandbox, "Start Office Digital")
    closed = {"controller": "Company", "action": "get"}
    await sandbox.plan("status", match=closed, args={"status": 403, "message": "Riservata"}, times=None)

    pauses = []
    for _ in range(4):
        await poll(hub)
        item = await IntakeItem.get(crm_activity_id=number)
        pauses.append(round((item.next_try_at - hub.clock()).total_seconds() / 60))
        await be_tried_again()
    await IntakeItem.all().update(next_try_at=hub.clock() + timedelta(hours=1))
    asked = len(await sandbox.calls(""))
    await poll(hub)

    assert (item.reason, pauses) == (IntakeReason.NOT_TAKEN_IN, [0, 2, 4, 8])
    assert "Riservata" in item.crm_words
    assert "Riservata" not in item.explanation
    assert len(await sandbox.calls("")) == asked + 1
