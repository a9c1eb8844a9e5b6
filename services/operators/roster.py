"""The operators: people and programs, and what they may do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from models import Operator, TaskTemplate, Token
from services.errors import InvalidInput
from services.events import EventType, changing
from services.events.log import Change, EventLog
from services.operators.refusals import (
    InactiveOperator,
    LastAdmin,
    OperatorExists,
    UnknownOperator,
)
from services.texts import is_blank
from services.vocabulary import Role

ACCESS = "access"
"""The event stream of operators, tokens and codes."""

_LONGEST = 200
_HOURS_OF_A_WEEK = 168
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorDraft:
    """The fields of an operator that people set."""

    name: str
    email: str
    role: Role
    crm_user_id: int | None = None
    workflow_roles: Sequence[str] = ()
    weekly_hours: Decimal | None = None
    active: bool = True


def draft_of(operator: Operator) -> OperatorDraft:
    """Return the current fields of an operator."""
    return OperatorDraft(
        name=operator.name,
        email=operator.email,
        role=Role(operator.role),
        crm_user_id=operator.crm_user_id,
        workflow_roles=operator.workflow_roles,
        weekly_hours=operator.weekly_hours,
        active=operator.active,
    )


async def create_operator(draft: OperatorDraft, *, actor: str, events: EventLog) -> Operator:
    async with events.change(ACCESS, actor=actor) as change:
        _refuse_unfit(draft)
        await _refuse_taken(draft)
        await _refuse_unknown_roles(draft.workflow_roles)
        operator = Operator(created_at=change.at, **_columns(draft))
        return await change.create(operator, kind=EventType.OPERATOR_CREATED)


async def save_operator(
    operator_id: str,
    draft: OperatorDraft,
    *,
    actor: str,
    events: EventLog,
    expected_version: int | None = None,
) -> Operator:
    """Update an operator.

    It takes effect at once: a token never exceeds its operator's role, and an inactive operator loses all tokens.
    """
    _refuse_unfit(draft)
    load = partial(get_operator, operator_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, operator):
        await _refuse_taken(draft, but=operator_id)
        # A role that a new version of a workflow dropped may stay.
        await _refuse_unknown_roles(set(draft.workflow_roles) - set(operator.workflow_roles))
        if draft.role is not Role.ADMIN or not draft.active:
            await _refuse_last_admin(operator_id)
        await change.update(operator, kind=EventType.OPERATOR_SAVED, **_columns(draft))
        if not draft.active:
            await _revoke_tokens(change, operator_id)
        return operator


async def change_operator(
    operator_id: str,
    changes: Mapping[str, Any],
    *,
    actor: str,
    events: EventLog,
    expected_version: int | None = None,
) -> Operator:
    """Give the named fields of a draft new values; the others stay.

    Without an expected version, it is the version that these changes were added to.
    """
    operator = await get_operator(operator_id)
    return await save_operator(
        operator_id,
        replace(draft_of(operator), **changes),
        actor=actor,
        events=events,
        expected_version=operator.version if expected_version is None else expected_version,
    )


async def find_operator(email: str) -> Operator | None:
    return await Operator.get_or_none(email=_normal(email))


async def list_operators() -> list[Operator]:
    return await Operator.all().order_by("sort_name", "id")


async def get_operator(operator_id: str, *, path: tuple[str, ...] = ("operatorId",)) -> Operator:
    operator = await Operator.get_or_none(id=operator_id)
    if operator is None:
        raise UnknownOperator(operator_id, path=path)
    return operator


async def get_active_operator(operator_id: str, *, path: tuple[str, ...] = ("operatorId",)) -> Operator:
    operator = await get_operator(operator_id, path=path)
    if not operator.active:
        raise InactiveOperator(operator.name, path=path)
    return operator


def _refuse_unfit(draft: OperatorDraft) -> None:
    if is_blank(draft.name) or len(draft.name.strip()) > _LONGEST:
        raise InvalidInput(f"A name has 1 to {_LONGEST} characters.", path=("name",))
    before, at, domain = draft.email.strip().partition("@")
    if not (before and at and domain) or len(draft.email) > _LONGEST:
        raise InvalidInput("An e-mail address has the form name@domain.", path=("email",))
    if draft.weekly_hours is not None and not _is_possible(draft.weekly_hours):
        expected = f"more than 0, up to {_HOURS_OF_A_WEEK}, with two decimals"
        raise InvalidInput("No week has so many hours.", path=("weeklyHours",), expected=expected)


def _is_possible(weekly_hours: Decimal) -> bool:
    return weekly_hours.is_finite() and 0 < weekly_hours <= _HOURS_OF_A_WEEK and weekly_hours % _CENT == 0


async def _refuse_taken(draft: OperatorDraft, *, but: str | None = None) -> None:
    if await Operator.filter(email=_normal(draft.email)).exclude(id=but).exists():
        raise OperatorExists(f"Another operator has the address {draft.email!r}.", path=("email",))
    if draft.crm_user_id is None:
        return
    if await Operator.filter(crm_user_id=draft.crm_user_id).exclude(id=but).exists():
        raise OperatorExists(f"Another operator is CRM user {draft.crm_user_id}.", path=("crmUserId",))


async def _refuse_unknown_roles(roles: Iterable[str]) -> None:
    current = TaskTemplate.filter(milestone__template__current=True)
    known = [
        str(role)
        for role in await current.distinct().order_by("workflow_role").values_list("workflow_role", flat=True)
    ]
    for role in roles:
        if role not in known:
            raise InvalidInput(
                f"No workflow has a role {role!r}; the known roles are: {', '.join(known)}.",
                path=("workflowRoles",),
            )


async def _refuse_last_admin(operator_id: str) -> None:
    admins = Operator.filter(role=Role.ADMIN, active=True)
    if await admins.filter(id=operator_id).exists() and await admins.count() == 1:
        raise LastAdmin


async def _revoke_tokens(change: Change, operator_id: str) -> None:
    """Revoke all tokens and sessions. None of them returns if the operator becomes active again."""
    for token in await Token.filter(operator_id=operator_id, revoked_at=None):
        await change.update(token, kind=EventType.TOKEN_REVOKED, revoked_at=change.at)


def _columns(draft: OperatorDraft) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "email": _normal(draft.email),
        "role": draft.role.value,
        "crm_user_id": draft.crm_user_id,
        "workflow_roles": list(draft.workflow_roles),
        "weekly_hours": draft.weekly_hours,
        "active": draft.active,
    }


def _normal(email: str) -> str:
    return email.strip().casefold()
