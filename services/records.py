"""Rows by the id or code that a caller names. `get_` refuses a row that does not exist; `find_` returns None."""

from models import Action, Company, CrmActivity, Milestone, Opportunity, Task, Ticket
from models.identity import crm_id_in, prefix_of
from services.errors import Refusal
from services.vocabulary import CrmActivityRole

SHOWN_LENGTH = 60
"""How many characters of an unknown name a refusal repeats."""


class UnknownTicket(Refusal):
    """There is no such ticket."""

    code = "UNKNOWN_TICKET"


class UnknownTask(Refusal):
    """There is no such task."""

    code = "UNKNOWN_TASK"

    @classmethod
    def named(cls, task_id: str) -> "UnknownTask":
        return cls(f"There is no task {task_id[:SHOWN_LENGTH]!r}.", path=("taskId",))


class UnknownMilestone(Refusal):
    """There is no such milestone."""

    code = "UNKNOWN_MILESTONE"


class UnknownSubject(Refusal):
    """There is no such ticket, milestone or task."""

    code = "UNKNOWN_SUBJECT"


class UnknownOpportunity(Refusal):
    """There is no such opportunity."""

    code = "UNKNOWN_OPPORTUNITY"


class UnknownAction(Refusal):
    """There is no such action."""

    code = "UNKNOWN_ACTION"


class UnknownCompany(Refusal):
    """There is no such company."""

    code = "UNKNOWN_COMPANY"


async def get_ticket(name: str, *, path: tuple[str, ...] = ("ticketId",)) -> Ticket:
    """Return the ticket with this id or code. `crm:<id>` names the ticket of the sale in that CRM activity."""
    ticket = await find_ticket(name)
    if ticket is None:
        raise UnknownTicket(f"There is no ticket {name[:SHOWN_LENGTH]!r}.", path=path)
    return ticket


async def find_ticket(name: str) -> Ticket | None:
    crm_id = crm_id_in(name)
    if crm_id is not None:
        source = await CrmActivity.get_or_none(crm_id=crm_id, role=CrmActivityRole.SOURCE)
        return await Ticket.get_or_none(id=source.ticket_id) if source and source.ticket_id else None
    return await Ticket.get_or_none(id=name) or await Ticket.get_or_none(code=name)


async def get_opportunity(name: str) -> Opportunity:
    """Return the opportunity with this id or code. `crm:<id>` names it by the CRM's id."""
    crm_id = crm_id_in(name)
    if crm_id is not None:
        opportunity = await Opportunity.get_or_none(crm_id=crm_id)
    else:
        opportunity = await Opportunity.get_or_none(id=name) or await Opportunity.filter(code=name).first()
    if opportunity is None:
        raise UnknownOpportunity(f"There is no opportunity {name[:SHOWN_LENGTH]!r}.", path=("opportunityId",))
    return opportunity


async def get_task(task_id: str) -> Task:
    task = await Task.get_or_none(id=task_id)
    if task is None:
        raise UnknownTask.named(task_id)
    return task


async def get_milestone(milestone_id: str) -> Milestone:
    milestone = await Milestone.get_or_none(id=milestone_id)
    if milestone is None:
        raise UnknownMilestone(
            f"There is no milestone {milestone_id[:SHOWN_LENGTH]!r}.", path=("milestoneId",)
        )
    return milestone


Subject = Ticket | Milestone | Task
"""What people comment on, and attach links to."""


async def get_subject(subject_id: str) -> Subject:
    model = next((one for one in (Ticket, Milestone, Task) if one.prefix == prefix_of(subject_id)), None)
    subject: Subject | None = await model.get_or_none(id=subject_id) if model else None
    if subject is None:
        raise UnknownSubject(
            f"There is no ticket, milestone or task {subject_id[:SHOWN_LENGTH]!r}.", path=("subjectId",)
        )
    return subject


def ticket_of(subject: Subject) -> str:
    """Return the id of the ticket that the subject is, or is part of."""
    return subject.id if isinstance(subject, Ticket) else subject.ticket_id


async def get_action(action_id: str) -> Action:
    action = await Action.get_or_none(id=action_id)
    if action is None:
        raise UnknownAction(f"There is no action {action_id[:SHOWN_LENGTH]!r}.", path=("actionId",))
    return action


async def get_company(company_id: str) -> Company:
    company = await Company.get_or_none(id=company_id)
    if company is None:
        raise UnknownCompany(f"There is no company {company_id[:SHOWN_LENGTH]!r}.", path=("companyId",))
    return company
