"""Tickets as the rules of the workflow see them."""

from dataclasses import replace

from services.planning.tickets.workflow import MilestoneState, TaskState, TicketState
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus

TODO, IN_PROGRESS, DONE, SKIPPED = TaskStatus


def ticket_of(*milestones, status=TicketStatus.OPEN):
    return TicketState("TICKET", status, milestones)


def milestone_of(milestone_id, *tasks, status=MilestoneStatus.PLANNED, kind=MilestoneKind.STANDARD):
    return MilestoneState(milestone_id, status, kind, tasks)


def task_of(task_id, status=TODO, *, mandatory=True):
    """A task of the milestone that its id names: A1 is of milestone A."""
    return TaskState(task_id, task_id[0], status, mandatory)


def applied(ticket, transitions):
    """The ticket after its transitions were written."""
    changes = {(one.entity, one.id): {one.column: one.after} for one in transitions if one.before is not None}

    def changed(entity, row, **parts):
        return replace(row, **changes.get((entity, row.id), {}), **parts)

    milestones = tuple(
        changed("Milestone", milestone, tasks=tuple(changed("Task", task) for task in milestone.tasks))
        for milestone in ticket.milestones
    )
    return changed("Ticket", ticket, milestones=milestones)


def after(ticket, operation, *arguments):
    return applied(ticket, operation(ticket, *arguments))


def story(transitions):
    return [f"{one.entity} {one.id}: {one.before} -> {one.after}, cause {one.cause}" for one in transitions]
