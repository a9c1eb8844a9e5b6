"""What each mutation answers: its result, or the problems that prevented it."""

import strawberry

from resolvers.rows import loaded
from schema.access import Token
from schema.actions import Action
from schema.intake import IntakeItem, IntakeReplay
from schema.milestones import Milestone, Task
from schema.opportunities import Opportunity
from schema.problems import Problem, problems
from schema.reconciliation import Reconciliation
from schema.tickets import Ticket

_TASK = "The task as it is now."
_MILESTONE = "The milestone as it is now."
_ABOVE = "The ticket that it is part of, as it is now."
_ACTION = "The action, which goes on in the background."


@strawberry.type(description="The task as it was started.")
class StartTaskPayload:
    task: Task | None = loaded(_TASK, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The task as it was completed.")
class CompleteTaskPayload:
    task: Task | None = loaded(_TASK, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The task as it was skipped.")
class SkipTaskPayload:
    task: Task | None = loaded(_TASK, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The task as it was reopened.")
class ReopenTaskPayload:
    task: Task | None = loaded(_TASK, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The task as it was made optional.")
class WaiveTaskPayload:
    task: Task | None = loaded(_TASK, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The task with who does it.")
class AssignTaskPayload:
    task: Task | None = loaded(_TASK, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The task with its new dates.")
class RescheduleTaskPayload:
    task: Task | None = loaded(_TASK, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The milestone as it was completed.")
class CompleteMilestonePayload:
    milestone: Milestone | None = loaded(_MILESTONE, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The milestone as it was cancelled.")
class CancelMilestonePayload:
    milestone: Milestone | None = loaded(_MILESTONE, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The milestone with its new dates.")
class RescheduleMilestonePayload:
    milestone: Milestone | None = loaded(_MILESTONE, by="id")
    ticket: Ticket | None = loaded(_ABOVE, by="ticket_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The ticket as it was cancelled.")
class CancelTicketPayload:
    ticket: Ticket | None = loaded("The ticket as it is now.", by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The ticket that the sale became, or the place in the inbox where it waits.")
class ImportActivityPayload:
    ticket: Ticket | None = loaded(
        "The ticket; the same one whenever the activity comes again.", by="ticket_id"
    )
    intake_item: IntakeItem | None = loaded("What waits for a person.", by="intake_item_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The ticket that the sale became, or why it still waits.")
class ResolveIntakeItemPayload:
    ticket: Ticket | None = loaded("The ticket.", by="ticket_id")
    intake_item: IntakeItem | None = loaded("What still waits for a person.", by="intake_item_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The item as it was put aside.")
class DismissIntakeItemPayload:
    intake_item: IntakeItem | None = loaded("The item as it is now.", by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="What the intake would do, or the problems that prevented an answer.")
class ReplayActivityPayload:
    result: IntakeReplay | None = strawberry.field(
        name="replay", description="What it would do now, and why; nothing was done."
    )
    problems: list[Problem] = problems()


@strawberry.type(description="How a company stands in the CRM, or the problems that prevented an answer.")
class ReconcileCompanyPayload:
    result: Reconciliation | None = strawberry.field(
        name="reconciliation", description="The report; nothing was written."
    )
    problems: list[Problem] = problems()


@strawberry.type(description="The action that notes the sale in the CRM; its ticket shows on it.")
class CreateTicketPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action that makes one CRM opportunity for each line.")
class GenerateOpportunitiesPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action that brings opportunities back as child tickets.")
class SyncOpportunitiesPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action that makes one CRM activity for each milestone.")
class GenerateActivitiesPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The opportunity where it belongs now.")
class MapOpportunityPayload:
    opportunity: Opportunity | None = loaded("The opportunity as we mirror it now.", by="id")
    child_ticket: Ticket | None = loaded(
        "The child ticket that delivers it; null for one that is lost or unclear.", by="child_ticket_id"
    )
    problems: list[Problem] = problems()


@strawberry.type(description="The repair, which goes on in the background where the CRM has to be written.")
class RepairOpportunityPayload:
    action: Action | None = loaded("The action; the same one when it is pressed again.", by="id")
    opportunity: Opportunity | None = loaded("The opportunity as it is now.", by="opportunity_id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action, at work again on what failed.")
class RetryActionPayload:
    action: Action | None = loaded(_ACTION, by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The action without what was not yet sent.")
class CancelActionPayload:
    action: Action | None = loaded("The action as it is now.", by="id")
    problems: list[Problem] = problems()


@strawberry.type(description="The new token.")
class CreateTokenPayload:
    token: Token | None = loaded("What is kept of it.", by="id")
    secret: str | None = strawberry.field(description="The secret itself, shown this once.")
    problems: list[Problem] = problems()


@strawberry.type(description="The token as it was withdrawn.")
class RevokeTokenPayload:
    token: Token | None = loaded("The token as it is now.", by="id")
    problems: list[Problem] = problems()
