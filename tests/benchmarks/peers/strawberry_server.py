"""`rival.py` over HTTP, as Strawberry's documentation sets it up: its ASGI view, and loaders of each request."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from tortoise.context import TortoiseContext

from models.database import tortoise_config
from tests.benchmarks import rival
from tests.benchmarks.peers.listening import listen


class View(GraphQL[Any, None]):
    async def get_context(self, request: Any, response: Any) -> Any:
        return rival.loaders()


@asynccontextmanager
async def database(app: Starlette) -> AsyncIterator[None]:
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(os.environ["DATABASE_URL"]), _enable_global_fallback=True)
        yield


if __name__ == "__main__":
    listen(Starlette(routes=[Route("/graphql", View(rival.schema, graphql_ide=None))], lifespan=database))
