"""The GraphQL schema."""

from datetime import date, datetime

from strawberry.schema.config import StrawberryConfig

from resolvers.problems import check_problems
from resolvers.reads.row_types import check_sources
from schema import event_types, vocabulary  # noqa: F401 - describe the enumerations before a type names them
from schema.argument_values import ArgumentValues
from schema.execution import FreshExecutor
from schema.instants import DATE, DATE_TIME
from schema.limits import EXTENSIONS
from schema.mutation import Mutation
from schema.names import Names
from schema.operations import BoundedReads
from schema.problems import (
    ActionRunningProblem,
    ConflictProblem,
    CrmRefusedProblem,
    InvalidInputProblem,
    PlanStaleProblem,
    RefusalProblem,
)
from schema.query import Query
from schema.streams import LiveSchema
from schema.subscription import Subscription

schema = LiveSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[
        RefusalProblem,
        ConflictProblem,
        ActionRunningProblem,
        CrmRefusedProblem,
        InvalidInputProblem,
        PlanStaleProblem,
    ],
    scalar_overrides={date: DATE, datetime: DATE_TIME},
    config=StrawberryConfig(name_converter=Names()),
    extensions=(*EXTENSIONS, ArgumentValues, BoundedReads),
    execution_context_class=FreshExecutor,
)
check_sources(schema)
check_problems()
