"""What the world sees."""

import strawberry

from resolvers.row_types import check_sources
from schema import vocabulary  # noqa: F401 - describes the enumerations before a type names them
from schema.mutation import Mutation
from schema.problems import ActionRunningProblem, ConflictProblem, RefusalProblem
from schema.query import Query
from schema.subscription import Subscription

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[RefusalProblem, ConflictProblem, ActionRunningProblem],
)
check_sources(schema)
