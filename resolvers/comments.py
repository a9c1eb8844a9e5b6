"""Mutations of comments and links: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Comment, Link
from resolvers.arguments import ExpectedVersion, RequestKey
from resolvers.context import Context
from resolvers.text_limits import text
from services import comments, links
from services.links import RemovedLink
from services.texts import LONGEST_ADDRESS, LONGEST_LABEL, LONGEST_NOTES
from services.vocabulary import LinkKind

SubjectId = Annotated[
    strawberry.ID, strawberry.argument(description="The id of the ticket, milestone or task.")
]
CommentId = Annotated[strawberry.ID, strawberry.argument(description="The comment's id.")]
Body = Annotated[
    str, text("The text, which is shown as it is. `@[opr_...]` mentions an operator.", LONGEST_NOTES)
]


async def add_comment(
    info: Info[Context, Any],
    subject_id: SubjectId,
    body: Body,
    reply_to_id: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="The comment on the same thing that it answers."),
    ] = None,
    request_key: RequestKey = None,
) -> Comment:
    context = info.context
    return await comments.add_comment(
        subject_id,
        body,
        reply_to_id=reply_to_id,
        request_key=request_key,
        actor=context.actor,
        events=context.events,
    )


async def edit_comment(
    info: Info[Context, Any], comment_id: CommentId, body: Body, expected_version: ExpectedVersion = None
) -> Comment:
    context = info.context
    return await comments.edit_comment(
        comment_id, body, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def delete_comment(
    info: Info[Context, Any], comment_id: CommentId, expected_version: ExpectedVersion = None
) -> Comment:
    context = info.context
    return await comments.delete_comment(
        comment_id, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def add_link(
    info: Info[Context, Any],
    subject_id: SubjectId,
    url: Annotated[str, text("The address, with http or https.", LONGEST_ADDRESS)],
    title: Annotated[str, text("The title that operators see.", LONGEST_LABEL)],
    kind: Annotated[LinkKind, strawberry.argument(description="What it leads to.")] = LinkKind.OTHER,
) -> Link:
    context = info.context
    return await links.add_link(subject_id, url, title, kind, actor=context.actor, events=context.events)


async def remove_link(
    info: Info[Context, Any],
    link_id: Annotated[strawberry.ID, strawberry.argument(description="The link's id.")],
    expected_version: ExpectedVersion = None,
) -> RemovedLink:
    context = info.context
    return await links.remove_link(
        link_id, actor=context.actor, events=context.events, expected_version=expected_version
    )
