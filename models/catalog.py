"""The database's copy of the catalog. A workflow template is never updated: a change is a new version."""

from decimal import Decimal
from typing import ClassVar

from tortoise import fields

from models.identity import Row, VersionedRow, belongs_to
from models.sort_keys import sort_key_field


class WorkflowTemplate(Row):
    """One version of a workflow. `current` is true for the newest version of its code."""

    prefix = "wft"
    event_stream_id = "catalog"

    code = fields.CharField(max_length=10)
    version = fields.IntField()
    current = fields.BooleanField()
    name = fields.CharField(max_length=200)
    description = fields.TextField()
    digest = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "workflow_template"
        unique_together = (("code", "version"),)


class MilestoneTemplate(Row):
    prefix = "mst"
    event_stream_id = "catalog"

    template_id: str
    template = belongs_to("models.WorkflowTemplate")
    position = fields.IntField()
    title = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=16)
    sla_days = fields.IntField()
    warning_days = fields.IntField()
    escalation_days = fields.IntField()
    depends_on: fields.Field[list[int]] = fields.JSONField(default=list)

    class Meta:
        table = "milestone_template"
        unique_together = (("template_id", "position"),)


class TaskTemplate(Row):
    prefix = "tst"
    event_stream_id = "catalog"

    milestone_id: str
    milestone = belongs_to("models.MilestoneTemplate")
    position = fields.IntField()
    title = fields.CharField(max_length=200)
    workflow_role = fields.CharField(max_length=200)
    mandatory = fields.BooleanField()
    estimated_hours: fields.Field[Decimal] = fields.DecimalField(max_digits=6, decimal_places=2)
    sla_days = fields.IntField()
    checklist: fields.Field[list[str]] = fields.JSONField(default=list)

    class Meta:
        table = "task_template"
        unique_together = (("milestone_id", "position"),)


class Service(VersionedRow):
    """A sellable line. `price` is in euro for one unit; `workflow_code` names its template, in the current version."""

    prefix = "srv"
    event_stream_id = "catalog"
    sort_keys: ClassVar = {"sort_name": "name"}

    code = fields.CharField(max_length=10, unique=True)
    name = fields.CharField(max_length=200)
    sort_name = sort_key_field()
    description = fields.TextField()
    price: fields.Field[Decimal] = fields.DecimalField(max_digits=12, decimal_places=2)
    workflow_code = fields.CharField(max_length=10, null=True)
    responsible_id: str | None
    responsible = belongs_to("models.Operator", null=True)
    digest = fields.CharField(max_length=64)

    class Meta:
        table = "service"
        indexes = (("responsible_id",),)


class Kit(VersionedRow):
    prefix = "kit"
    event_stream_id = "catalog"
    sort_keys: ClassVar = {"sort_name": "name"}

    code = fields.CharField(max_length=10, unique=True)
    name = fields.CharField(max_length=200)
    sort_name = sort_key_field()
    description = fields.TextField()
    aliases: fields.Field[list[str]] = fields.JSONField(default=list)
    main_service_id: str
    main_service = belongs_to("models.Service")
    active = fields.BooleanField()
    digest = fields.CharField(max_length=64)

    class Meta:
        table = "kit"
        indexes = (("main_service_id",),)


class KitLine(Row):
    prefix = "ktl"
    event_stream_id = "catalog"

    kit_id: str
    kit = belongs_to("models.Kit")
    position = fields.IntField()
    service_id: str
    service = belongs_to("models.Service")
    quantity = fields.IntField()
    mandatory = fields.BooleanField()

    class Meta:
        table = "kit_line"
        unique_together = (("kit_id", "position"),)
        indexes = (("service_id",),)
