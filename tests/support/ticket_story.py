"""What tests of the workflow read of a ticket, and the refusal of a use case."""

from models import Event


async def status(row):
    return (await type(row).get(id=row.id)).status


async def story(ticket, *kinds):
    """The kinds of the tree's events so far, or only those among `kinds`."""
    events = Event.filter(stream_id=ticket.tree_id).order_by("seq")
    return list(await (events.filter(kind__in=kinds) if kinds else events).values_list("kind", flat=True))
