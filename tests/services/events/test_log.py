from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from models import Company, Event, Operator, Stream, Token
from services.events import Broadcast, EventLog
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
        row = await change.create(company(), kind="COMPANY_SEEN")

    event = await Event.get()
    assert (event.stream_id, event.seq, event.kind, event.entity_id) == ("intake", 1, "COMPANY_SEEN", row.id)
    assert event.before is None
    assert event.after == column_values(await Company.get())


async def test_a_failure_leaves_neither_row_nor_event_nor_a_gap_in_the_sequence(events):
    with pytest.raises(LookupError):
        async with events.change("intake", actor="opr_1") as change:
            await change.create(company(), kind="COMPANY_SEEN")
            raise LookupError

    assert await Company.all().count() == 0
    assert await Event.all().count() == 0
    assert (await Stream.get_or_none(id="intake")) is None


async def test_an_update_tells_only_what_changed_and_grows_the_version(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind="COMPANY_SEEN")
    async with events.change("intake", actor="opr_1") as change:
        await change.update(row, kind="COMPANY_CHANGED", name="Officine Nuove", crm_id=7)

    event = await Event.get(seq=2)
    assert event.before == {"name": "Officine Brembate", "version": 1}
    assert event.after == {"name": "Officine Nuove", "version": 2}


async def test_an_update_that_changes_nothing_tells_nothing(events):
    async with events.change("intake", actor="opr_1") as change:
        row = await change.create(company(), kind="COMPANY_SEEN")
        told = await change.update(row, kind="COMPANY_CHANGED", name="Officine Brembate")

    assert told is None
    assert await Event.all().count() == 1


async def test_time_never_runs_backwards_within_a_stream(events, clock):
    async with events.change("intake", actor="opr_1") as change:
        await change.create(company(1), kind="COMPANY_SEEN")
    clock.now = NOW - timedelta(hours=1)
    async with events.change("intake", actor="opr_1") as change:
        await change.create(company(2), kind="COMPANY_SEEN")

    first, second = await Event.all().order_by("seq")
    assert second.occurred_at == first.occurred_at == NOW
    assert change.at == clock.now


async def test_a_watcher_is_woken_after_the_commit_only(events, broadcast):
    signal = broadcast.listen("intake")

    async with events.change("intake", actor="opr_1") as change:
        await change.create(company(), kind="COMPANY_SEEN")
        assert not signal.is_set()

    assert signal.is_set()


async def test_a_secret_s_digest_is_never_told(events):
    async with events.change("access", actor="system:setup") as change:
        operator = await change.create(
            Operator(name="Giulia", email="g@example.it", role="ADMIN", created_at=NOW), kind="OPERATOR_SAVED"
        )
        await change.create(
            Token(
                operator=operator,
                kind="API",
                label="canary label",
                digest="canary",
                role="ADMIN",
                created_at=NOW,
            ),
            kind="TOKEN_CREATED",
        )

    assert "canary" not in str(await Event.all().values())


def test_decimals_keep_their_scale_so_that_events_equal_rows():
    from models import TicketLine

    line = TicketLine(unit_price=Decimal("1500"), amount=Decimal("3000.5"), tree_id="t")

    assert column_values(line, ["unit_price", "amount"]) == {"unit_price": "1500.00", "amount": "3000.50"}
