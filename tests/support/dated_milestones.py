"""Milestones with their dates."""

from datetime import date

from services.planning.tickets.schedule import (
    reschedule_milestone as plan_milestone_date,
    reschedule_task as plan_task_date,
)
from tests.support.dated_tickets import ITALY

MONDAY = date(2026, 12, 21)


def reschedule_milestone(milestones, milestone_id, due_on, *, ticket_starts_on=None):
    start = ticket_starts_on or milestones[0].starts_on
    return plan_milestone_date(milestones, milestone_id, due_on, ticket_starts_on=start, calendar=ITALY)


def reschedule_task(milestones, task_id, due_on, *, ticket_starts_on=None):
    start = ticket_starts_on or milestones[0].starts_on
    return plan_task_date(milestones, task_id, due_on, ticket_starts_on=start, calendar=ITALY)


def dates_after(milestones, rescheduled):
    """Start and due date of everything, by id, once the changes are applied."""
    everything = [work for milestone in milestones for work in (milestone, *milestone.tasks)]
    return {work.id: (work.starts_on, work.due_on) for work in everything} | {
        change.id: (change.starts_on, change.due_on) for change in rescheduled.changes
    }
