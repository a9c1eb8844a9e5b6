"""Limiters over one database."""

from datetime import UTC, datetime


async def real_time():
    return datetime.now(UTC)


def take_call(rate, now, free_at, priority):
    """Wait for a call and take it: the instant, and when the next would be on time."""
    now += max(rate.wait(free_at, now, priority), 0.0)
    return now, max(free_at, now) + rate.interval
