"""A ticket with milestones and tasks as a test wants them."""

from tests.support import factories
from tests.support.factories import save


async def save_milestone(ticket, *statuses, **columns):
    """A milestone whose tasks have these statuses."""
    stage = factories.milestone(ticket, **columns)
    work = [
        factories.task(stage, position=position, status=status, assignee_id=ticket.owner_id)
        for position, status in enumerate(statuses, start=1)
    ]
    await save(stage, *work)
    return stage, work


async def save_child(parent, **columns):
    links = {"company_id": parent.company_id, "owner_id": parent.owner_id, "template_id": parent.template_id}
    child = factories.ticket(tree_id=parent.id, parent_id=parent.id, kind="CHILD", **links, **columns)
    await save(child)
    return child
