"""What the rules look at, as SQL expressions of a ticket, an opportunity or a company."""

# ruff: noqa: S608 - the texts are put together from constants of the code

from collections.abc import Mapping

from services.reads import Expression, row_lists
from services.sale_questions import CHANGES
from services.vocabulary import IntakeStatus, ItemKind, TicketKind

_IN_QUESTION = (
    f"question.status = '{IntakeStatus.WAITING}'"
    f" AND question.reason IN ({', '.join(repr(one.value) for one in CHANGES)})"
)
_OPEN_ITEM = "action_item AS item ON item.open_key ="

_SCOPES = "FROM action WHERE action.open_scope IS NOT NULL AND action."

of_ticket: Mapping[str, Expression] = {
    "questions": row_lists(
        "question.explanation, question.id",
        f"FROM intake_item AS question WHERE {_IN_QUESTION} AND question.ticket_id = {{row}}.id",
    ),
    "lines": row_lists(
        'line.id, line."position", service.code, line.name, line.mandatory,'
        " EXISTS (SELECT 1 FROM workflow_template AS template"
        ' WHERE template.code = service.workflow_code AND template."current"),'
        " opportunity.id, item.action_id",
        "FROM ticket_line AS line JOIN service ON service.id = line.service_id"
        " LEFT JOIN opportunity ON opportunity.ticket_line_id = line.id"
        f" LEFT JOIN {_OPEN_ITEM} '{ItemKind.CREATE_OPPORTUNITY}:' || line.id"
        " WHERE line.ticket_id = {row}.id",
    ),
    "ticket_scopes": row_lists("action.open_scope", f"{_SCOPES}ticket_id IN ({{row}}.id, {{row}}.tree_id)"),
    "syncing": Expression(
        f"SELECT MIN(item.action_id) FROM ticket AS parent JOIN {_OPEN_ITEM}"
        f" '{ItemKind.SYNC_COMPANY}:' || parent.company_id WHERE parent.id = {{row}}.tree_id",
        returns=str,
    ),
}


def _of_opportunity(column: str) -> Mapping[str, Expression]:
    """What 🟣 looks at, for the opportunity in which this column holds the row's id."""
    where = f"WHERE opportunity.{column} = {{row}}.id"
    return {
        "opportunity": row_lists(
            "opportunity.id, opportunity.missing_since IS NOT NULL, child.status, item.action_id,"
            " question.explanation, question.id",
            "FROM opportunity LEFT JOIN ticket AS child ON child.id = opportunity.child_ticket_id"
            f" LEFT JOIN {_OPEN_ITEM} '{ItemKind.CHECK_ACTIVITIES}:' || opportunity.id"
            " LEFT JOIN intake_item AS question ON question.ticket_id = opportunity.ticket_id"
            f" AND {_IN_QUESTION} {where}",
        ),
        "milestones": row_lists(
            'milestone.id, milestone."position", milestone.status,'
            " shadow.crm_id, shadow.missing_since IS NOT NULL, item.action_id",
            "FROM opportunity JOIN milestone ON milestone.ticket_id = opportunity.child_ticket_id"
            " LEFT JOIN crm_activity AS shadow ON shadow.milestone_id = milestone.id"
            f" LEFT JOIN {_OPEN_ITEM} '{ItemKind.CREATE_ACTIVITY}:' || milestone.id {where}",
        ),
        "scopes": row_lists(
            "action.open_scope",
            "FROM opportunity JOIN action ON action.opportunity_id = opportunity.id"
            f" AND action.open_scope IS NOT NULL {where}",
        ),
    }


of_opportunity = _of_opportunity("id")
of_child = _of_opportunity("child_ticket_id")

of_company: Mapping[str, Expression] = {
    "has_parents": Expression(
        f"EXISTS (SELECT 1 FROM ticket WHERE ticket.company_id = {{row}}.id AND ticket.kind = '{TicketKind.PARENT}')",
        returns=bool,
    ),
    "scopes": row_lists("action.open_scope", f"{_SCOPES}company_id = {{row}}.id"),
    "syncing": Expression(
        "SELECT MIN(item.action_id) FROM action_item AS item"
        f" WHERE item.open_key = '{ItemKind.SYNC_COMPANY}:' || {{row}}.id",
        returns=str,
    ),
}
