"""Everything that can be done."""

import strawberry

from resolvers import access, actions, bulk, comments, intake, kpis, milestones, opportunities, tasks, tickets
from resolvers.problems import answered
from schema.access import CreateTokenPayload, RevokeTokenPayload, SaveOperatorPayload
from schema.actions import (
    CancelActionPayload,
    GenerateActivitiesPayload,
    GenerateOpportunitiesPayload,
    RetryActionPayload,
    SyncOpportunitiesPayload,
)
from schema.comments import (
    AddCommentPayload,
    AddLinkPayload,
    DeleteCommentPayload,
    EditCommentPayload,
    RemoveLinkPayload,
)
from schema.intake import (
    CreateTicketPayload,
    DismissIntakeItemPayload,
    ImportActivityPayload,
    ResolveIntakeItemPayload,
)
from schema.kpis import SaveKpiTargetPayload
from schema.milestones import (
    AddMilestonePayload,
    AddTaskPayload,
    AssignTaskPayload,
    CancelMilestonePayload,
    ChangeTasksPayload,
    CompleteMilestonePayload,
    CompleteTaskPayload,
    ReopenTaskPayload,
    RescheduleMilestonePayload,
    RescheduleTaskPayload,
    SkipTaskPayload,
    StartTaskPayload,
    UpdateTaskPayload,
    WaiveTaskPayload,
)
from schema.opportunities import MapOpportunityPayload, RepairOpportunityPayload
from schema.tickets import CancelTicketPayload, UpdateTicketPayload
from services.vocabulary import Role


@strawberry.type(description="All mutations.")
class Mutation:
    import_activity = answered(intake.import_activity, ImportActivityPayload, "Import a sale from the CRM.")
    resolve_intake_item = answered(
        intake.resolve_intake_item,
        ResolveIntakeItemPayload,
        "Create a ticket from a waiting activity, with the choices that it left open.",
    )
    dismiss_intake_item = answered(
        intake.dismiss_intake_item,
        DismissIntakeItemPayload,
        "Dismiss an activity that will not become a ticket.",
    )
    create_ticket = answered(
        intake.create_ticket,
        CreateTicketPayload,
        "Enter a sale by hand. Its activity is created in the CRM, once, and becomes a parent ticket.",
    )

    start_task = answered(tasks.start_task, StartTaskPayload, "Start a task.")
    complete_task = answered(
        tasks.complete_task,
        CompleteTaskPayload,
        "Finish a task; the last one completes its milestone, and the last milestone closes the ticket.",
    )
    skip_task = answered(tasks.skip_task, SkipTaskPayload, "Skip an optional task.")
    reopen_task = answered(
        tasks.reopen_task,
        ReopenTaskPayload,
        "Make a task TODO again. Its closed milestone and ticket reopen.",
    )
    waive_task = answered(tasks.waive_task, WaiveTaskPayload, "Make a mandatory task optional, for a reason.")
    assign_task = answered(tasks.assign_task, AssignTaskPayload, "Assign a task to an operator.")
    reschedule_task = answered(
        tasks.reschedule_task,
        RescheduleTaskPayload,
        "Change a task's due date; later tasks move with it.",
    )
    update_task = answered(
        tasks.update_task,
        UpdateTaskPayload,
        "Change what is written about a task. What is left out, or null, stays as it is.",
    )
    tick_checklist = answered(
        tasks.tick_checklist,
        UpdateTaskPayload,
        "Tick an entry of a task's checklist, or take its tick away. The other entries stay as they are.",
    )
    add_task = answered(
        tasks.add_task,
        AddTaskPayload,
        "Add a task to a milestone. A milestone and a ticket that were finished reopen.",
    )
    change_tasks = answered(
        bulk.change_tasks,
        ChangeTasksPayload,
        "Do the same to many tasks, all in one transaction. What prevents one does not prevent another.",
    )

    complete_milestone = answered(
        milestones.complete_milestone,
        CompleteMilestonePayload,
        "Complete by hand a milestone that has nothing to do.",
    )
    cancel_milestone = answered(milestones.cancel_milestone, CancelMilestonePayload, "Cancel a milestone.")
    reschedule_milestone = answered(
        milestones.reschedule_milestone,
        RescheduleMilestonePayload,
        "Change a milestone's due date; dependent milestones move with it.",
    )
    add_milestone = answered(
        milestones.add_milestone,
        AddMilestonePayload,
        "Add a milestone behind the others of a ticket, with its tasks. A ticket that was closed reopens.",
    )

    cancel_ticket = answered(
        tickets.cancel_ticket, CancelTicketPayload, "Cancel a ticket and its open milestones."
    )
    update_ticket = answered(
        tickets.update_ticket,
        UpdateTicketPayload,
        "Change a ticket. What is left out, or null, stays as it is.",
    )

    add_comment = answered(
        comments.add_comment, AddCommentPayload, "Comment on a ticket, a milestone or a task."
    )
    edit_comment = answered(
        comments.edit_comment,
        EditCommentPayload,
        "Reword a comment of your own. What it said before stays in the log.",
    )
    delete_comment = answered(
        comments.delete_comment,
        DeleteCommentPayload,
        "Remove a comment of your own. The log keeps that it was there, but not what it said.",
    )
    add_link = answered(
        comments.add_link,
        AddLinkPayload,
        "Attach the address of a document or page. The same address again gets the new title and kind.",
    )
    remove_link = answered(comments.remove_link, RemoveLinkPayload, "Remove a link.")

    generate_opportunities = answered(
        actions.generate_opportunities,
        GenerateOpportunitiesPayload,
        "🟡 Genera Opportunità: one CRM opportunity for each line of a parent ticket.",
    )
    sync_opportunities = answered(
        actions.sync_opportunities,
        SyncOpportunitiesPayload,
        "🟠 Sincronizza Opportunità: refresh the CRM's opportunities and open the child tickets that are missing.",
    )
    generate_activities = answered(
        actions.generate_activities,
        GenerateActivitiesPayload,
        "🟣 Genera Attività CRM: one CRM activity for each milestone of an opportunity's child ticket.",
    )
    map_opportunity = answered(
        opportunities.map_opportunity,
        MapOpportunityPayload,
        "Map a CRM opportunity to a line or ticket. Its child ticket is opened as in a synchronisation.",
    )
    repair_opportunity = answered(
        opportunities.repair_opportunity,
        RepairOpportunityPayload,
        "Repair an opportunity that a synchronisation has flagged. Repeated presses repair it once.",
    )
    retry_action = answered(
        actions.retry_action, RetryActionPayload, "Retry what failed or waits for a person."
    )
    cancel_action = answered(
        actions.cancel_action,
        CancelActionPayload,
        "Cancel what has not been sent. In an action that waits, put away what failed or needs a person.",
    )

    save_operator = answered(
        access.save_operator,
        SaveOperatorPayload,
        "Add an operator, or change one. What is left out stays as it is.",
        role=Role.ADMIN,
    )
    create_token = answered(
        access.create_token,
        CreateTokenPayload,
        "Create a token for a program that acts as an operator.",
        role=Role.ADMIN,
    )
    save_kpi_target = answered(
        kpis.save_kpi_target,
        SaveKpiTargetPayload,
        "Say where a figure should be from a day on; for administrators. Earlier days keep their target.",
        role=Role.ADMIN,
    )
    revoke_token = answered(
        access.revoke_token,
        RevokeTokenPayload,
        "Revoke a token; its open sockets close.",
        role=Role.ADMIN,
    )
