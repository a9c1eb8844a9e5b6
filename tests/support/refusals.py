"""The refusal of a use case."""

from collections.abc import Awaitable

import pytest

from services.errors import Refusal


async def refusal_of(awaitable: Awaitable[object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value
