"""Who did something."""

from typing import Annotated

import strawberry

from schema.access import Operator


@strawberry.type(description="A part of the hub that acts by itself.")
class SystemActor:
    name: str = strawberry.field(description="Its name, such as `poller` or `engine`.")


Actor = Annotated[
    Operator | SystemActor,
    strawberry.union("Actor", description="Who did something: an operator, or a part of the hub."),
]
