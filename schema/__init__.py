"""What the world sees."""

from strawberry.extensions import MaxTokensLimiter, ParserCache
from strawberry.schema.config import StrawberryConfig

from resolvers.row_types import check_sources
from schema import vocabulary  # noqa: F401 - describes the enumerations before a type names them
from schema.errors import HubSchema
from schema.limits import MAX_TOKENS, LimitedValidation
from schema.mutation import Mutation
from schema.names import Names
from schema.problems import ActionRunningProblem, ConflictProblem, RefusalProblem
from schema.query import Query
from schema.subscription import Subscription

schema = HubSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[RefusalProblem, ConflictProblem, ActionRunningProblem],
    config=StrawberryConfig(name_converter=Names()),
    extensions=[lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS), ParserCache, LimitedValidation],
)
check_sources(schema)
