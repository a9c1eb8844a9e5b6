"""The catalog in the database: stored as versions, returned as plain values."""

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

import models
from services.errors import Refusal
from services.events import Change, EventLog, EventType
from services.planning.catalog.types import (
    Catalog,
    Kit,
    KitLine,
    MilestoneTemplate,
    Service,
    TaskTemplate,
    WorkflowTemplate,
)
from services.planning.intake.kit_matcher import KitNames
from services.planning.tickets.ticket_factory import OperatorFacts, Staff
from services.vocabulary import MilestoneKind

ACTOR = "system:catalog"


class UnknownKit(Refusal):
    """There is no such kit."""

    code = "UNKNOWN_KIT"


async def store_catalog(catalog: Catalog, *, events: EventLog) -> None:
    """Store the shipped catalog in the database.

    A changed workflow becomes a new version beside the old ones. A service or kit is updated only if the shipped one
    changed since it was last stored, so edits of operators stay.
    """
    async with events.change("catalog", actor=ACTOR) as change:
        for workflow in catalog.workflows:
            await _store_workflow(change, workflow)
        for service in catalog.services:
            await _store_service(change, service)
        for kit in catalog.kits:
            await _store_kit(change, kit)


def _digest(value: BaseModel) -> str:
    return hashlib.sha256(value.model_dump_json().encode()).hexdigest()


async def _store_workflow(change: Change, workflow: WorkflowTemplate) -> None:
    current = await models.WorkflowTemplate.get_or_none(code=workflow.code, current=True)
    digest = _digest(workflow)
    if current is not None and current.digest == digest:
        return
    if current is not None:
        await change.update(current, kind=EventType.TEMPLATE_SUPERSEDED, current=False)
    row = models.WorkflowTemplate(
        code=workflow.code,
        version=current.version + 1 if current else 1,
        current=True,
        name=workflow.name,
        description=workflow.description,
        digest=digest,
        created_at=change.at,
    )
    await change.create(row, kind=EventType.TEMPLATE_VERSION_CREATED)
    positions = {milestone.title: n for n, milestone in enumerate(workflow.milestones, start=1)}
    for position, milestone in enumerate(workflow.milestones, start=1):
        await _store_milestone(change, row.id, milestone, position, positions)


async def _store_milestone(
    change: Change,
    template_id: str,
    milestone: MilestoneTemplate,
    position: int,
    positions: Mapping[str, int],
) -> None:
    row = models.MilestoneTemplate(
        template_id=template_id,
        position=position,
        title=milestone.title,
        kind=milestone.kind,
        sla_days=milestone.sla_days,
        warning_days=milestone.warning_days,
        escalation_days=milestone.escalation_days,
        depends_on=sorted(positions[title] for title in milestone.depends_on),
    )
    await change.create(row, kind=EventType.TEMPLATE_MILESTONE_CREATED)
    tasks = [
        models.TaskTemplate(
            milestone_id=row.id,
            position=number,
            title=task.title,
            workflow_role=task.role,
            mandatory=task.mandatory,
            estimated_hours=task.estimated_hours,
            sla_days=task.sla_days,
            checklist=list(task.checklist),
        )
        for number, task in enumerate(milestone.tasks, start=1)
    ]
    await change.create_all(tasks, kind=EventType.TEMPLATE_TASK_CREATED)


async def _store_service(change: Change, service: Service) -> None:
    row = await models.Service.get_or_none(code=service.code)
    columns: dict[str, Any] = {
        "name": service.name,
        "description": service.description,
        "price": service.price,
        "workflow_code": service.workflow,
        "digest": _digest(service),
    }
    if row is None:
        await change.create(models.Service(code=service.code, **columns), kind=EventType.SERVICE_SAVED)
    elif row.digest != columns["digest"]:
        await change.update(row, kind=EventType.SERVICE_SAVED, **columns)


async def _store_kit(change: Change, kit: Kit) -> None:
    row = await models.Kit.get_or_none(code=kit.code)
    digest = _digest(kit)
    if row is not None and row.digest == digest:
        return
    columns: dict[str, Any] = {
        "name": kit.name,
        "description": kit.description,
        "aliases": list(kit.aliases),
        "main_service_id": (await models.Service.get(code=kit.main_service)).id,
        "active": kit.active,
        "digest": digest,
    }
    if row is None:
        row = await change.create(models.Kit(code=kit.code, **columns), kind=EventType.KIT_SAVED)
    else:
        await change.update(row, kind=EventType.KIT_SAVED, **columns)
    await _replace_lines(change, row, kit)


async def _replace_lines(change: Change, row: models.Kit, kit: Kit) -> None:
    for line in await models.KitLine.filter(kit_id=row.id):
        await change.delete(line, kind=EventType.KIT_LINE_REMOVED)
    ids = await service_ids()
    lines = [
        models.KitLine(
            kit_id=row.id,
            position=position,
            service_id=ids[line.service],
            quantity=line.quantity,
            mandatory=line.mandatory,
        )
        for position, line in enumerate(kit.lines, start=1)
    ]
    await change.create_all(lines, kind=EventType.KIT_LINE_SAVED)


async def service_ids() -> dict[str, str]:
    """Return the row id of every service, by code."""
    return dict(await models.Service.all().values_list("code", "id"))


async def list_services() -> dict[str, Service]:
    """Return every service, by code."""
    return {
        row.code: Service(
            code=row.code,
            name=row.name,
            description=row.description,
            price=row.price,
            workflow=row.workflow_code,
        )
        for row in await models.Service.all()
    }


async def list_kit_names() -> list[KitNames]:
    """Return the kit names for the matcher, keyed by code."""
    rows = await models.Kit.all().order_by("code")
    return [KitNames(row.code, row.name, tuple(row.aliases), row.active) for row in rows]


async def get_kit_code(kit_id: str) -> str:
    row = await models.Kit.get_or_none(id=kit_id)
    if row is None:
        raise UnknownKit(f"The catalog has no kit {kit_id!r}.", path=("kitId",))
    return row.code


async def get_kit(code: str) -> tuple[str, Kit]:
    """Return the kit of this code and its row id."""
    row = await models.Kit.get_or_none(code=code)
    if row is None:
        raise UnknownKit(f"The catalog has no kit {code!r}.", path=("kitCode",))
    codes = {row_id: service_code for service_code, row_id in (await service_ids()).items()}
    lines = await models.KitLine.filter(kit_id=row.id).order_by("position")
    return row.id, Kit(
        code=row.code,
        name=row.name,
        description=row.description,
        aliases=tuple(row.aliases),
        main_service=codes[row.main_service_id],
        active=row.active,
        lines=tuple(
            KitLine(service=codes[line.service_id], quantity=line.quantity, mandatory=line.mandatory)
            for line in lines
        ),
    )


async def find_template(code: str | None) -> tuple[str, WorkflowTemplate] | None:
    """Return the current version of a workflow and its row id."""
    row = await models.WorkflowTemplate.get_or_none(code=code, current=True) if code else None
    if row is None:
        return None
    milestones = await models.MilestoneTemplate.filter(template_id=row.id).order_by("position")
    titles = {milestone.position: milestone.title for milestone in milestones}
    return row.id, WorkflowTemplate(
        code=row.code,
        name=row.name,
        description=row.description,
        milestones=tuple([await _milestone_template(milestone, titles) for milestone in milestones]),
    )


async def _milestone_template(row: models.MilestoneTemplate, titles: Mapping[int, str]) -> MilestoneTemplate:
    tasks = await models.TaskTemplate.filter(milestone_id=row.id).order_by("position")
    return MilestoneTemplate(
        title=row.title,
        kind=MilestoneKind(row.kind),
        sla_days=row.sla_days,
        warning_days=row.warning_days,
        escalation_days=row.escalation_days,
        depends_on=tuple(titles[position] for position in row.depends_on),
        tasks=tuple(
            TaskTemplate(
                title=task.title,
                role=task.workflow_role,
                mandatory=task.mandatory,
                estimated_hours=task.estimated_hours,
                sla_days=task.sla_days,
                checklist=tuple(task.checklist),
            )
            for task in tasks
        ),
    )


async def current_template_codes() -> set[str]:
    """Return the codes of the workflows that a ticket can be made from."""
    codes = await models.WorkflowTemplate.filter(current=True).values_list("code", flat=True)
    return {str(code) for code in codes}


async def get_staff() -> Staff:
    """Return the operators who can be given work, and the responsible one for each service."""
    operators = await models.Operator.filter(active=True).order_by("id")
    responsibles = await models.Service.filter(responsible__active=True).values_list("code", "responsible_id")
    return Staff(
        operators=tuple(
            OperatorFacts(one.id, one.crm_user_id, frozenset(one.workflow_roles)) for one in operators
        ),
        responsibles=dict(responsibles),
    )
