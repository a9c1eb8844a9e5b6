from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from models import Company, Event, Operator, Stream, Token
from models.held_writes import SendsHeldWrites
from services.events import Broadcast, Derived, EventLog, EventType
from services.events.log import column_values

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def broadcast() -> Broadcast:
    return Broadcast()


@pytest.fixture
def events(db, clock, broadcast) -> EventLog:
    return EventLog(clock=clock, broadcast=broadcast)


def company(crm_id: int = 7) -> Company:
    return Company(crm_id=crm_id, name="Officine Brembate", refreshed_at=NOW)


async def test_a_row_and_its_event_are_written_together(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)

    event = await Event.get()
    assert (event.stream_id, event.seq, event.kind, event.entity_id) == (
        "intake",
        1,
        "COMPANY_CREATED",
        row.id,
    )
    assert event.before is None
    assert event.after == column_values(await Company.get())


async def test_a_failure_leaves_neither_row_nor_event_nor_a_gap_in_the_sequence(events):
    with pytest.raises(LookupError):
        async with events.change("intake", actor="opr_1") as change:
            await change.create(company(), kind=EventType.COMPANY_CREATED)
            raise LookupError

    assert await Company.all().count() == 0
    assert await Event.all().count() == 0
    assert (await Stream.get_or_none(id="intake")) is None


async def test_an_update_records_only_what_changed_and_increases_the_version(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)
    async with events.change("intake", actor="opr_1") as change:
        await change.update(row, kind=EventType.COMPANY_REFRESHED, name="Officine Nuove", crm_id=7)

    event = await Event.get(seq=2)
    assert event.before == {"name": "Officine Brembate", "version": 1}
    assert event.after == {"name": "Officine Nuove", "version": 2}


async def test_an_update_that_changes_nothing_writes_no_event(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)
        reported = await change.update(row, kind=EventType.COMPANY_REFRESHED, name="Officine Brembate")

    assert reported is None
    assert await Event.all().count() == 1


async def test_time_never_runs_backwards_within_a_stream(events, clock):
    async with events.change("intake", actor="opr_1") as change:
        await change.create(company(1), kind=EventType.COMPANY_CREATED)
    clock.now = NOW - timedelta(hours=1)
    async with events.change("intake", actor="opr_1") as change:
        await change.create(company(2), kind=EventType.COMPANY_CREATED)

    first, second = await Event.all().order_by("seq")
    assert second.occurred_at == first.occurred_at == NOW
    assert change.at == clock.now


async def test_a_watcher_is_woken_after_the_commit_only(events, broadcast):
    signal = broadcast.listen("intake")

    async with events.change("intake", actor="opr_1") as change:
        await change.create(company(), kind=EventType.COMPANY_CREATED)
        assert not signal.is_set()

    assert signal.is_set()


async def test_a_follower_sees_what_was_written_and_what_others_wrote_because_of_it(db, clock, broadcast):
    seen = []

    async def count(change, events):
        seen.append([event.kind for event in events])

    async def rename(change, events):
        for event in events:
            if event.kind == EventType.COMPANY_CREATED:
                row = await Company.get(id=event.entity_id)
                await change.update(
                    row, kind=EventType.COMPANY_REFRESHED, cause=event.id, name="Officine Nuove"
                )

    log = EventLog(clock=clock, broadcast=broadcast, followers=[count, rename])
    async with log.change("intake", actor="opr_1") as change:
        await change.create(company(), kind=EventType.COMPANY_CREATED)

    assert seen == [["COMPANY_CREATED"], ["COMPANY_REFRESHED"]]
    first, second = await Event.all().order_by("seq")
    assert (second.cause, second.change_id) == (first.id, first.change_id)


async def test_a_follower_that_fails_takes_the_whole_change_with_it(db, clock, broadcast):
    async def fail(change, events):
        raise LookupError

    with pytest.raises(LookupError):
        async with EventLog(clock=clock, broadcast=broadcast, followers=[fail]).change(
            "intake", actor="opr_1"
        ) as it:
            row = await it.create(company(), kind=EventType.COMPANY_CREATED)

    assert not await Company.filter(id=row.id).exists()
    assert await Event.all().count() == 0


async def test_a_change_may_own_further_streams_that_come_after_its_own(events):
    async with events.change("access", actor="opr_1") as change:
        await change.lock(["intake"])
        await change.create(company(), kind=EventType.COMPANY_CREATED)

    assert (await Event.get()).stream_id == "intake"


async def test_a_stream_that_comes_before_those_owned_cannot_be_added(events):
    with pytest.raises(AssertionError):
        async with events.change("intake", actor="opr_1") as change:
            await change.lock(["access"])


async def test_a_secret_s_digest_is_never_in_an_event(events):
    async with events.change("access", actor="system:setup") as change:
        operator = await change.create(
            Operator(name="Giulia", email="g@example.it", role="ADMIN", created_at=NOW),
            kind=EventType.OPERATOR_SAVED,
        )
        token = await change.create(
            Token(
                operator=operator,
                kind="API",
                label="canary label",
                digest="canary",
                role="ADMIN",
                created_at=NOW,
            ),
            kind=EventType.TOKEN_CREATED,
        )

    assert "canary" not in str(await Event.all().values())
    assert (await Event.get(kind=EventType.TOKEN_CREATED)).after == column_values(token)


def test_decimals_keep_their_scale_so_that_events_equal_rows():
    from models import TicketLine

    line = TicketLine(unit_price=Decimal("1500"), amount=Decimal("3000.5"), tree_id="t")

    assert column_values(line, ["unit_price", "amount"]) == {"unit_price": "1500.00", "amount": "3000.50"}


async def test_a_held_update_is_seen_by_the_next_statement_and_written_with_others(events):
    async with events.change("intake", actor="opr_1") as change:
        rows = [await change.create(company(number), kind=EventType.COMPANY_CREATED) for number in (1, 2)]
        for row in rows:
            await change.update_later(row, kind=EventType.COMPANY_REFRESHED, name=f"Nuova {row.crm_id}")
        await change.derive([Derived(rows[1], {"refreshed_at": NOW + timedelta(days=1)}, named=False)])
        found = await Company.all().order_by("crm_id").values_list("name", "refreshed_at")

    assert found == [("Nuova 1", NOW), ("Nuova 2", NOW + timedelta(days=1))]


async def test_held_updates_of_one_row_in_two_places_keep_their_order(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)
        other = await Company.get(id=row.id)
        await change.update_later(row, kind=EventType.COMPANY_REFRESHED, name="Prima")
        await change.update_later(other, kind=EventType.COMPANY_REFRESHED, name="Dopo")

    assert (await Company.get(id=row.id)).name == "Dopo"


async def test_a_new_row_that_changes_before_the_next_statement_is_written_as_it_is_then(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)
        await change.update_later(row, kind=EventType.COMPANY_REFRESHED, name="Dopo")

    names = [event.after["name"] for event in await Event.filter(entity_id=row.id).order_by("seq")]
    assert (await Company.get(id=row.id)).name == "Dopo"
    assert names == ["Officine Brembate", "Dopo"]


async def test_a_new_row_is_seen_by_the_next_statement(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)
        seen = (await Company.get(id=row.id)).name

    assert seen == "Officine Brembate"


async def test_a_copy_of_a_new_row_that_was_not_written_yet_can_be_changed(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)
        await change.update_later(row.clone(row.id), kind=EventType.COMPANY_REFRESHED, name="Dopo")

    assert (await Company.get(id=row.id)).name == "Dopo"


async def test_a_held_update_is_lost_with_its_change(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)
    with pytest.raises(LookupError):
        async with events.change("intake", actor="opr_1") as change:
            await change.update_later(row, kind=EventType.COMPANY_REFRESHED, name="Mai")
            raise LookupError

    assert row.name == (await Company.get(id=row.id)).name == "Officine Brembate"


async def test_control_a_held_update_that_waits_for_the_end_is_not_seen(events, monkeypatch):
    async def do_nothing(_transaction):
        """The guard is off."""

    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind=EventType.COMPANY_CREATED)
    monkeypatch.setattr(SendsHeldWrites, "_send_held", do_nothing)
    async with events.change("intake", actor="opr_1") as change:
        await change.update_later(row, kind=EventType.COMPANY_REFRESHED, name="Nuova")
        seen = (await Company.get(id=row.id)).name

    assert (seen, (await Company.get(id=row.id)).name) == ("Officine Brembate", "Nuova")
