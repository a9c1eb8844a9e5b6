"""What people say about work, and the documents that belong to it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from resolvers.reads.rows import loaded
from resolvers.reads.sources import column, listed, one, rows_of
from schema.access import Operator
from schema.nodes import Node
from schema.sizes import MENTIONS
from schema.trees import TreeChange
from services.vocabulary import LinkKind

if TYPE_CHECKING:
    from schema.tickets import Ticket


@rows_of(models.Comment)
@strawberry.type(description="What an operator wrote about a ticket, a milestone or a task.")
class Comment(Node):
    subject_id: strawberry.ID = column("The id of the ticket, milestone or task that it is about.")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] = one(
        "The ticket that it is about, or that its milestone or task is part of.", by="ticket_id"
    )
    author: Operator = one("Who wrote it.", by="author_id")
    body: str = column("The text, in which `@[opr_...]` mentions an operator; empty once it is removed.")
    mentions: list[Operator] = listed(
        "Whom it mentions, in the order of the text.", by="mention_ids", to="id", size=MENTIONS
    )
    reply_to: Annotated["Comment", strawberry.lazy("schema.comments")] | None = one(
        "The first comment of the thread that it belongs to; null if it is the first.", by="reply_to_id"
    )
    created_at: datetime = column("When it was written.")
    edited_at: datetime | None = column("When it was last reworded; null if it never was.")
    deleted_at: datetime | None = column("When it was removed; null otherwise.")
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@rows_of(models.Link)
@strawberry.type(description="The address of a document or page. Nothing is uploaded or fetched.")
class Link(Node):
    subject_id: strawberry.ID = column("The id of the ticket, milestone or task that it belongs to.")
    ticket: Annotated["Ticket", strawberry.lazy("schema.tickets")] = one(
        "The ticket that it belongs to, or that its milestone or task is part of.", by="ticket_id"
    )
    kind: LinkKind = column("What it leads to.", name="purpose")
    title: str = column("The title that operators see.")
    url: str = column("The address; http or https.")
    added_by: Operator = one("Who attached it.", by="added_by_id")
    added_at: datetime = column("When it was attached.")
    version: int = column("Increases by one with each change; pass it back to have a stale edit refused.")


@strawberry.type(description="The new comment.")
class AddCommentPayload(TreeChange):
    comment: Comment | None = loaded("The comment as it is now.", by="id")


@strawberry.type(description="The comment with its new text.")
class EditCommentPayload(TreeChange):
    comment: Comment | None = loaded("The comment as it is now.", by="id")


@strawberry.type(description="The comment that was removed.")
class DeleteCommentPayload(TreeChange):
    comment: Comment | None = loaded("What is left of the comment.", by="id")


@strawberry.type(description="The link that was attached, or changed.")
class AddLinkPayload(TreeChange):
    link: Link | None = loaded("The link as it is now.", by="id")


@strawberry.type(description="The link that was removed.")
class RemoveLinkPayload(TreeChange):
    removed_id: strawberry.ID | None = strawberry.field(description="Its id; null if a problem prevented it.")
