from tortoise import fields

from models.identity import VersionedRow, belongs_to


class Comment(VersionedRow):
    """What an operator wrote about a ticket, a milestone or a task: its subject. A removed comment has an empty body.

    `ticket_id` is the ticket that the subject is, or is part of.
    """

    prefix = "cmt"

    tree_id = fields.CharField(max_length=30)
    subject_id = fields.CharField(max_length=30)
    ticket_id: str
    ticket = belongs_to("models.Ticket")
    author_id: str
    author = belongs_to("models.Operator")
    body = fields.TextField()
    mention_ids: fields.Field[list[str]] = fields.JSONField(default=list)
    reply_to_id: str | None
    reply_to = belongs_to("models.Comment", null=True)
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "comment"
        indexes = (("tree_id",), ("ticket_id",), ("subject_id", "created_at", "id"))


class Link(VersionedRow):
    """The address of a document or page that belongs to a ticket, a milestone or a task. Nothing is fetched from it."""

    prefix = "lnk"

    tree_id = fields.CharField(max_length=30)
    subject_id = fields.CharField(max_length=30)
    ticket_id: str
    ticket = belongs_to("models.Ticket")
    purpose = fields.CharField(max_length=32)
    title = fields.CharField(max_length=200)
    url = fields.TextField()
    added_by_id: str
    added_by = belongs_to("models.Operator")
    added_at = fields.DatetimeField()

    class Meta:
        table = "link"
        indexes = (("tree_id",), ("ticket_id",), ("subject_id", "added_at", "id"))
