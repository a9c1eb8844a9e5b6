"""What the three buttons and new dates would do: from a field to the use case and back."""

from typing import Any

from strawberry.types import Info

from resolvers.arguments import (
    ChosenLines,
    CompanyScope,
    DueOn,
    MilestoneId,
    OpportunityId,
    Override,
    TaskId,
    TicketId,
    TicketScope,
)
from resolvers.context import Context
from services.previews import Preview
from services.tickets import rescheduling_preview
from services.tickets.rescheduling_preview import ReschedulePreview


async def preview_generate_opportunities(
    info: Info[Context, Any],
    ticket_id: TicketId,
    ticket_line_ids: ChosenLines = None,
    override: Override = None,
) -> Preview:
    previews = info.context.previews
    return await previews.generate_opportunities(
        ticket_id, line_ids=ticket_line_ids, override_reason=override
    )


async def preview_sync_opportunities(
    info: Info[Context, Any], company_id: CompanyScope = None, ticket_id: TicketScope = None
) -> Preview:
    previews = info.context.previews
    return await previews.sync_opportunities(company_id=company_id, ticket_id=ticket_id)


async def preview_generate_activities(info: Info[Context, Any], opportunity_id: OpportunityId) -> Preview:
    return await info.context.previews.generate_activities(opportunity_id)


async def preview_reschedule_task(
    info: Info[Context, Any], task_id: TaskId, due_on: DueOn
) -> ReschedulePreview:
    calendar = info.context.calendar
    return await rescheduling_preview.preview_reschedule_task(
        task_id, due_on, today=calendar.today(info.context.clock()), calendar=calendar
    )


async def preview_reschedule_milestone(
    info: Info[Context, Any], milestone_id: MilestoneId, due_on: DueOn
) -> ReschedulePreview:
    calendar = info.context.calendar
    return await rescheduling_preview.preview_reschedule_milestone(
        milestone_id, due_on, today=calendar.today(info.context.clock()), calendar=calendar
    )
