"""What everything with an id has in common."""

import strawberry

from resolvers.sources import column


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    id: strawberry.ID = column("A permanent id, unique across all types; treat it as opaque.")
