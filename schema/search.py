"""What a search finds."""

from typing import Annotated

import strawberry

from resolvers.reads.rows import loaded
from schema.access import Operator
from schema.companies import Company
from schema.intake import IntakeItem
from schema.kits import Kit, Service
from schema.milestones import Task
from schema.opportunities import Opportunity
from schema.tickets import Ticket

SearchNode = Annotated[
    Ticket | Task | Company | Opportunity | Operator | Kit | Service | IntakeItem,
    strawberry.union("SearchNode", description="What a search can find."),
]


@strawberry.type(description="A stretch of a text. Positions count Unicode characters.")
class TextRange:
    start: int = strawberry.field(description="The index of the first character, from zero.")
    end: int = strawberry.field(description="The index after the last character, from zero.")


@strawberry.type(description="One thing that was found.")
class SearchHit:
    node: SearchNode = loaded("The thing.", by="node_id")
    title: str = strawberry.field(description="Its code and title, or its name.")
    subtitle: str = strawberry.field(
        description="What distinguishes it: its ticket, company, e-mail address or VAT number; may be empty."
    )
    ranges: list[TextRange] = strawberry.field(description="Where the words stand in the title, in order.")


@strawberry.type(description="What was found, best first.")
class SearchResult:
    hits: list[SearchHit] = strawberry.field(
        description="The hits: first those whose title is what was looked for, then those that begin with "
        "it, those with its words, and those in which it stands elsewhere."
    )
    more: bool = strawberry.field(description="Whether there are more hits.")
