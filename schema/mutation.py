"""Everything that can be done."""

from collections.abc import Callable
from typing import Any

import strawberry

from resolvers import access, actions, intake, milestones, opportunities, tasks, tickets
from resolvers.permissions import requires
from schema import payloads
from services.vocabulary import Role


def _does(
    resolver: Callable[..., Any], payload: type, description: str, *, role: Role = Role.OPERATOR
) -> Any:
    return strawberry.field(
        resolver=resolver, graphql_type=payload, description=description, extensions=[requires(role)]
    )


@strawberry.type(description="Everything that can be done.")
class Mutation:
    import_activity = _does(
        intake.import_activity, payloads.ImportActivityPayload, "Take a sale in from the CRM."
    )
    resolve_intake_item = _does(
        intake.resolve_intake_item,
        payloads.ResolveIntakeItemPayload,
        "Make a ticket of an activity that waits, deciding what it left open.",
    )
    dismiss_intake_item = _does(
        intake.dismiss_intake_item,
        payloads.DismissIntakeItemPayload,
        "Put an activity aside that is not to become a ticket.",
    )
    create_ticket = _does(
        intake.create_ticket,
        payloads.CreateTicketPayload,
        "Enter a sale by hand: its activity is noted in the CRM, once, and becomes a parent ticket.",
    )

    start_task = _does(tasks.start_task, payloads.StartTaskPayload, "Begin with a task.")
    complete_task = _does(
        tasks.complete_task,
        payloads.CompleteTaskPayload,
        "Finish a task; the last one completes its milestone, and the last milestone closes the ticket.",
    )
    skip_task = _does(tasks.skip_task, payloads.SkipTaskPayload, "Leave an optional task undone.")
    reopen_task = _does(
        tasks.reopen_task,
        payloads.ReopenTaskPayload,
        "Make a task TODO again; what was closed above it reopens.",
    )
    waive_task = _does(
        tasks.waive_task, payloads.WaiveTaskPayload, "Make a mandatory task optional, for a reason."
    )
    assign_task = _does(tasks.assign_task, payloads.AssignTaskPayload, "Give a task to an operator.")
    reschedule_task = _does(
        tasks.reschedule_task,
        payloads.RescheduleTaskPayload,
        "Make a task due on another day; what comes after it moves along.",
    )

    complete_milestone = _does(
        milestones.complete_milestone,
        payloads.CompleteMilestonePayload,
        "Complete by hand a milestone that has nothing to do.",
    )
    cancel_milestone = _does(
        milestones.cancel_milestone, payloads.CancelMilestonePayload, "Call a milestone off."
    )
    reschedule_milestone = _does(
        milestones.reschedule_milestone,
        payloads.RescheduleMilestonePayload,
        "Make a milestone due on another day; what depends on it moves along.",
    )

    cancel_ticket = _does(
        tickets.cancel_ticket, payloads.CancelTicketPayload, "Call a ticket off, with what is open below it."
    )

    generate_opportunities = _does(
        actions.generate_opportunities,
        payloads.GenerateOpportunitiesPayload,
        "🟡 Genera Opportunità: one CRM opportunity for each line of a parent ticket.",
    )
    sync_opportunities = _does(
        actions.sync_opportunities,
        payloads.SyncOpportunitiesPayload,
        "🟠 Sincronizza Opportunità: refresh the CRM's opportunities and open the child tickets that are missing.",
    )
    generate_activities = _does(
        actions.generate_activities,
        payloads.GenerateActivitiesPayload,
        "🟣 Genera Attività CRM: one CRM activity for each milestone of an opportunity's child ticket.",
    )
    map_opportunity = _does(
        opportunities.map_opportunity,
        payloads.MapOpportunityPayload,
        "Say where an opportunity of the CRM belongs; its child ticket is opened as by a synchronisation.",
    )
    repair_opportunity = _does(
        opportunities.repair_opportunity,
        payloads.RepairOpportunityPayload,
        "Put an opportunity right that a synchronisation has flagged; done once, however often it is pressed.",
    )
    retry_action = _does(
        actions.retry_action, payloads.RetryActionPayload, "Take up again what failed or waits for a person."
    )
    cancel_action = _does(
        actions.cancel_action,
        payloads.CancelActionPayload,
        "Stop what has not been sent; of an action that waits, put away what failed or needs a person.",
    )

    create_token = _does(
        access.create_token,
        payloads.CreateTokenPayload,
        "Make a token for a program that acts as an operator.",
        role=Role.ADMIN,
    )
    revoke_token = _does(
        access.revoke_token,
        payloads.RevokeTokenPayload,
        "End a token; what is open by it closes.",
        role=Role.ADMIN,
    )
