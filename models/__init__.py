"""The tables: one file per noun. The rows are the truth, and nothing here makes decisions."""

from models.access import Operator, SignInCode, Token
from models.actions import Action, ActionAttempt, ActionItem
from models.budget import CallCircuit, CallCost, CallSlot
from models.catalog import Kit, KitLine, MilestoneTemplate, Service, TaskTemplate, WorkflowTemplate
from models.comments import Comment, Link
from models.companies import Company
from models.crm_activities import CrmActivity
from models.crm_login import CrmLogin
from models.events import Event, Stream
from models.intake import IntakeItem
from models.kpis import KpiDay, KpiMark, KpiTarget
from models.milestones import Milestone, Task
from models.opportunities import Opportunity, UnmatchedOpportunity
from models.polling import PollMark
from models.requests import AnsweredRequest
from models.tenant_bindings import TenantBinding
from models.tenant_profiles import StoredProfile
from models.tickets import Ticket, TicketLine

__all__ = [
    "Action",
    "ActionAttempt",
    "ActionItem",
    "AnsweredRequest",
    "CallCircuit",
    "CallCost",
    "CallSlot",
    "Comment",
    "Company",
    "CrmActivity",
    "CrmLogin",
    "Event",
    "IntakeItem",
    "Kit",
    "KitLine",
    "KpiDay",
    "KpiMark",
    "KpiTarget",
    "Link",
    "Milestone",
    "MilestoneTemplate",
    "Operator",
    "Opportunity",
    "PollMark",
    "Service",
    "SignInCode",
    "StoredProfile",
    "Stream",
    "Task",
    "TaskTemplate",
    "TenantBinding",
    "Ticket",
    "TicketLine",
    "Token",
    "UnmatchedOpportunity",
    "WorkflowTemplate",
]

for _name in __all__:
    # Tortoise writes docstrings into the schema as table comments, so a changed word would need a migration.
    globals()[_name]._meta.table_description = ""
