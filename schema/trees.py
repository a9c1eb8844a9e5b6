"""The rows of a ticket tree, grouped by type, as mutations and live items show them."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

import models
from resolvers.live import among, changed_rows
from schema.problems import Problem, problems

if TYPE_CHECKING:
    from schema.comments import Comment, Link
    from schema.milestones import Milestone, Task
    from schema.opportunities import CrmActivity, Opportunity
    from schema.tickets import Ticket, TicketLine


@strawberry.type(description="Whole rows of a ticket tree, by type.")
class TreeRows:
    tickets: list[Annotated["Ticket", strawberry.lazy("schema.tickets")]] = among("Tickets.", models.Ticket)
    lines: list[Annotated["TicketLine", strawberry.lazy("schema.tickets")]] = among(
        "Lines of the parent.", models.TicketLine
    )
    milestones: list[Annotated["Milestone", strawberry.lazy("schema.milestones")]] = among(
        "Milestones.", models.Milestone
    )
    tasks: list[Annotated["Task", strawberry.lazy("schema.milestones")]] = among("Tasks.", models.Task)
    opportunities: list[Annotated["Opportunity", strawberry.lazy("schema.opportunities")]] = among(
        "Opportunities.", models.Opportunity
    )
    crm_activities: list[Annotated["CrmActivity", strawberry.lazy("schema.opportunities")]] = among(
        "Activities of the CRM.", models.CrmActivity
    )
    comments: list[Annotated["Comment", strawberry.lazy("schema.comments")]] = among(
        "Comments.", models.Comment
    )
    links: list[Annotated["Link", strawberry.lazy("schema.comments")]] = among("Links.", models.Link)


@strawberry.interface(
    description="What each mutation of a ticket tree answers, in addition to its own result."
)
class TreeChange:
    tree_seq: int | None = strawberry.field(
        description="How far the log of the tree has come with this change; null if a problem prevented it.",
        metadata={"by": "tree_id"},
    )
    changed: TreeRows | None = changed_rows(
        "Every row that it changed, as `ticketEvents` shows it under the same `seq`; null if a "
        "problem prevented it."
    )
    problems: list[Problem] = problems()

    @classmethod
    def is_type_of(cls, value: Any, _info: Any) -> bool:
        """Every payload is an outcome. The field says which one."""
        return True
