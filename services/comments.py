"""What people say about tickets, milestones and tasks."""

from functools import partial

from models import Comment, Operator
from models.identity import new_id
from services.errors import Refusal
from services.events import EventLog, EventType, changing
from services.operators.refusals import UnknownOperator
from services.planning.mentions import mentions_in
from services.planning.tickets.drafts import stated
from services.records import get_subject, ticket_of
from services.requests import answer_of


class UnknownComment(Refusal):
    """There is no such comment."""

    code = "UNKNOWN_COMMENT"


class NotYours(Refusal):
    """Only who wrote it may change it."""

    code = "NOT_YOURS"


class CommentRemoved(Refusal):
    """The comment was removed."""

    code = "COMMENT_REMOVED"


async def add_comment(
    subject_id: str,
    body: str,
    *,
    actor: str,
    events: EventLog,
    reply_to_id: str | None = None,
    request_key: str | None = None,
) -> Comment:
    """Add a comment to a ticket, a milestone or a task, also to one that is finished or cancelled.

    A reply to a reply belongs to the same first comment.
    """
    async with changing(events, partial(get_subject, subject_id), actor=actor) as (change, subject):
        asked = ["addComment", subject_id, body, reply_to_id]
        comment_id = await answer_of(actor, request_key, asked, new_id(Comment.prefix))
        if earlier := await Comment.get_or_none(id=comment_id):
            return earlier
        comment = Comment(
            id=comment_id,
            tree_id=subject.event_stream_id,
            subject_id=subject_id,
            ticket_id=ticket_of(subject),
            author_id=actor,
            body=stated(body, "body"),
            mention_ids=await _mentioned(body),
            reply_to_id=await _first_of_thread(subject_id, reply_to_id) if reply_to_id else None,
            created_at=change.at,
        )
        return await change.create(comment, kind=EventType.COMMENT_ADDED)


async def edit_comment(
    comment_id: str, body: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Comment:
    """Reword a comment of one's own. What it said before stays in the log."""
    load = partial(get_comment, comment_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, comment):
        _refuse_others(comment, actor)
        if comment.deleted_at is not None:
            raise CommentRemoved("The comment was removed.", path=("commentId",))
        body = stated(body, "body")
        if body != comment.body:
            await change.update(
                comment,
                kind=EventType.COMMENT_EDITED,
                body=body,
                mention_ids=await _mentioned(body),
                edited_at=change.at,
            )
    return comment


async def delete_comment(
    comment_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Comment:
    """Remove a comment of one's own. The log keeps who wrote and removed it, and when, but not what it said."""
    load = partial(get_comment, comment_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, comment):
        _refuse_others(comment, actor)
        if comment.deleted_at is None:
            await change.update(
                comment, kind=EventType.COMMENT_REMOVED, body="", mention_ids=[], deleted_at=change.at
            )
            await change.forget(comment, "body")
    return comment


async def get_comment(comment_id: str, *, path: tuple[str, ...] = ("commentId",)) -> Comment:
    comment = await Comment.get_or_none(id=comment_id)
    if comment is None:
        raise UnknownComment(f"There is no comment {comment_id[:40]!r}.", path=path)
    return comment


def _refuse_others(comment: Comment, actor: str) -> None:
    if comment.author_id != actor:
        raise NotYours("Only who wrote the comment may change it.", path=("commentId",))


async def _mentioned(body: str) -> list[str]:
    """Return who is mentioned. Operators who left may be, so that an old comment can be reworded."""
    ids = mentions_in(body)
    known = {one.id for one in await Operator.filter(id__in=ids)} if ids else set()
    for operator_id in ids:
        if operator_id not in known:
            raise UnknownOperator(operator_id, path=("body",))
    return ids


async def _first_of_thread(subject_id: str, reply_to_id: str) -> str:
    path = ("replyToId",)
    answered = await get_comment(reply_to_id, path=path)
    if answered.subject_id != subject_id:
        raise UnknownComment("The comment is about something else.", path=path)
    return answered.reply_to_id or answered.id
