"""What goes on in the background of a test."""

import asyncio
from collections.abc import Set

Tasks = Set[asyncio.Task[object]]


async def tasks_that_go_on(*, besides: Tasks, seconds: float = 5.0) -> Tasks:
    """Return the tasks that have begun since and do not end within so many seconds, and cancel them."""
    begun = asyncio.all_tasks() - besides
    going_on = (await asyncio.wait(begun, timeout=seconds))[1] if begun else set()
    for task in going_on:
        task.cancel()
    return going_on
