"""The interfaces of everything with an id, and of work."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers.reads.connections import pages
from resolvers.reads.sources import column, expression, many
from schema.connections import Connection
from schema.sizes import LINKS
from services.tickets import read_fields
from services.vocabulary import SlaLight

if TYPE_CHECKING:
    from schema.comments import Comment, Link


@strawberry.interface(description="Anything that can be fetched by its id.")
class Node:
    id: strawberry.ID = column("A permanent id, unique across all types; treat it as opaque.")


@strawberry.interface(description="Work with a due date: what tickets, milestones and tasks have in common.")
class WorkItem(Node):
    title: str = column("The title that operators see.")
    starts_on: date = column("The day on which it can start.")
    due_on: date = column("The day by which it should be finished.")
    original_due_on: date = column("The original due date.")
    sla: SlaLight | None = expression(
        read_fields.light,
        "How it compares with its due date, with the warning and escalation days of its milestone, or of a "
        "ticket's latest one; null when it is finished or cancelled.",
    )
    yellow_on: date | None = column("The first day with a yellow light; null if it has no light.")
    red_on: date | None = column(
        "The first day with a red light; null if it has no light. Orange begins the day after `dueOn`."
    )
    updated_at: datetime = column("When it, or anything in it, last changed.")
    comment_count: int = expression(
        read_fields.comment_count,
        "How many comments on it there are, without removed ones and those on its parts.",
    )
    comments: Connection[Annotated["Comment", strawberry.lazy("schema.comments")]] = pages(
        "The comments on it, oldest first, without those on its parts.", by="subject_id", order="created_at"
    )
    links: list[Annotated["Link", strawberry.lazy("schema.comments")]] = many(
        "The documents and pages that belong to it, newest first; at most 100.",
        by="subject_id",
        size=LINKS,
        order="-added_at",
    )
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")
