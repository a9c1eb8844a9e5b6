from datetime import UTC, datetime

import pytest


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    async def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()
