"""What the API says of events does not depend on how their columns are stored."""

from models import Company, Event, Stream
from models.identity import new_id
from services.events.log import column_values
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import NOW

EVENTS = "{ events(orderBy: OLDEST_FIRST) { nodes { schemaVersion entityId before after } } }"


async def test_a_new_row_is_shown_whole(ask):
    async with context_for().events.change("intake", actor="test") as change:
        row = await change.create(
            Company(crm_id=7, name="Officine", refreshed_at=NOW), kind="COMPANY_CREATED"
        )

    shown = await ask(EVENTS)

    assert shown["events"]["nodes"] == [
        {"schemaVersion": 1, "entityId": row.id, "before": None, "after": column_values(row)}
    ]
    assert not {"id", "version", "vat_number", "refreshed_at"} & (await Event.get()).stored_after.keys()


async def test_an_update_and_a_deletion_are_shown_as_they_are_stored(ask):
    events = context_for().events
    async with events.change("intake", actor="test") as change:
        row = await change.create(
            Company(crm_id=7, name="Officine", refreshed_at=NOW), kind="COMPANY_CREATED"
        )
    whole = column_values(row)
    async with events.change("intake", actor="test") as change:
        await change.update(row, kind="COMPANY_REFRESHED", name="Officine Nuove")
    async with events.change("intake", actor="test") as change:
        await change.delete(row, kind="COMPANY_MERGED")

    _, renamed, gone = (await ask(EVENTS))["events"]["nodes"]

    assert renamed["before"] == {"name": "Officine", "version": 1}
    assert renamed["after"] == {"name": "Officine Nuove", "version": 2}
    assert gone["before"] == whole | {"name": "Officine Nuove", "version": 2}
    assert gone["after"] is None


async def test_a_row_that_was_stored_whole_is_shown_as_it_was_stored(ask):
    company_id = new_id("cmp")
    stored = {"id": company_id, "crm_id": 7, "name": "Officine"}
    stream = await Stream.create(id="intake")
    event = factories.event(stream, 1, entity="Company", entity_id=company_id, stored_after=stored)
    await factories.save(event)

    [shown] = (await ask(EVENTS))["events"]["nodes"]

    assert shown["after"] == stored


async def test_an_event_of_a_type_that_does_not_exist_cannot_be_asked_for(execute):
    result = await execute("{ events(filter: { kind: { eq: TICKET_CLOSD } }) { nodes { id } } }")

    assert [error.extensions for error in result.errors] == [
        {"code": "BAD_USER_INPUT", "argument": "filter", "path": ["filter", "kind", "eq"]}
    ]
