"""What watchers receive, and what is done meanwhile."""

import asyncio

from models import Event, Task
from services.tickets import workflow

IDS = "tickets { id } milestones { id } tasks { id } lines { id } opportunities { id } crmActivities { id }"
SMALL = f"""subscription Small($id: ID!, $after: String) {{
  ticketEvents(ticketId: $id, after: $after) {{ state seq cursor more removedIds rows {{ {IDS} }} }} }}"""


async def receive(items, count=1):
    async with asyncio.timeout(60):
        return [await anext(items) for _ in range(count)]


async def up_to(items, seq):
    received = []
    async with asyncio.timeout(60):
        while not received or received[-1]["seq"] < seq or received[-1]["more"]:
            received.append(await anext(items))
    return received


async def tasks_of(ticket):
    return await Task.filter(ticket_id=ticket.id).order_by("id")


async def complete(log, task, actor="test"):
    await workflow.complete_task(task.id, actor=actor, events=log)


async def last_seq(tree):
    return (await Event.filter(stream_id=tree.parent.id).order_by("-seq").first()).seq
