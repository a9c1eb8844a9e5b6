"""What everything with an id has in common."""

import strawberry

from resolvers.sources import column


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    id: strawberry.ID = column("Names it for ever, among everything; opaque to callers.")
