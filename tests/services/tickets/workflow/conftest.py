import pytest

from models import Task
from services.tickets import rescheduling, workflow as milestones


@pytest.fixture
async def tasks(parent):
    """The four onboarding tasks, in order."""
    return await Task.filter(ticket_id=parent.id).order_by("position")


@pytest.fixture
def work(hub, giulia):
    """The use cases as Giulia has them at hand: `work.complete_task(id)`."""

    class Work:
        def __getattr__(self, name):
            module = rescheduling if name.startswith("reschedule_") else milestones
            return lambda *given, **more: getattr(module, name)(
                *given, actor=giulia.id, events=hub.events, **more
            )

    return Work()
