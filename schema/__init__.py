"""What the world sees."""

import strawberry

from resolvers.row_types import check_sources
from schema import vocabulary  # noqa: F401 - describes the enumerations before a type names them
from schema.problems import ActionRunningProblem, ConflictProblem, RefusalProblem
from schema.query import Query

schema = strawberry.Schema(query=Query, types=[RefusalProblem, ConflictProblem, ActionRunningProblem])
check_sources(schema)
