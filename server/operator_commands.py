"""The commands about operators, their services and their tokens."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import typer

from models import Operator, Service
from server.clock import utc_now
from server.database import with_catalog, with_database
from server.settings import BadSettings, read_settings
from services import operators
from services.events import EventLog
from services.vocabulary import Role

ACTOR = "system:command-line"

operator_commands = typer.Typer(help="The people and programs that use the hub.", no_args_is_help=True)
service_commands = typer.Typer(help="The services, and who is responsible for them.", no_args_is_help=True)
token_commands = typer.Typer(help="The credentials of programs.", no_args_is_help=True)


async def operator_of(email: str) -> Operator:
    """Return the operator of this address, or refuse."""
    operator = await operators.find_operator(email)
    if operator is None:
        raise operators.UnknownOperator(email)
    return operator


async def first_admin() -> Operator:
    """Return the first administrator."""
    admins = [row for row in await operators.list_operators() if row.role == Role.ADMIN and row.active]
    if not admins:
        raise BadSettings(
            "There is no administrator yet: python -m server operator create NAME EMAIL --role ADMIN"
        )
    return min(admins, key=lambda row: row.id)


@operator_commands.command("create")
def create_operator(
    name: str,
    email: str,
    role: Annotated[Role, typer.Option()] = Role.OPERATOR,
    crm_user_id: Annotated[int | None, typer.Option(help="Their user id in the CRM.")] = None,
    fills: Annotated[list[str] | None, typer.Option(help="A workflow role; may be repeated.")] = None,
    weekly_hours: Annotated[
        float | None, typer.Option(help="How many hours a week they give to tasks.")
    ] = None,
) -> None:
    """Add an operator."""
    draft = operators.OperatorDraft(
        name=name,
        email=email,
        role=role,
        crm_user_id=crm_user_id,
        workflow_roles=fills or [],
        weekly_hours=_hours(weekly_hours),
    )
    operator = with_catalog(
        read_settings(), lambda events: operators.create_operator(draft, actor=ACTOR, events=events)
    )
    print(_line(operator))


@operator_commands.command("change")
def change_operator(
    email: Annotated[str, typer.Argument(help="Whose.")],
    name: Annotated[str | None, typer.Option()] = None,
    role: Annotated[Role | None, typer.Option()] = None,
    crm_user_id: Annotated[int | None, typer.Option(help="Their user id in the CRM; 0 for none.")] = None,
    fills: Annotated[
        list[str] | None,
        typer.Option(help="A workflow role; replaces the current ones; may be repeated; '' for none."),
    ] = None,
    weekly_hours: Annotated[
        float | None, typer.Option(help="How many hours a week they give to tasks; 0 for unknown.")
    ] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="May they come in?")] = None,
) -> None:
    """Change an operator. Options that are not given stay. Deactivating ends the operator's sessions and tokens."""
    named: dict[str, Any] = {"name": name, "role": role, "active": active}
    changes = {column: value for column, value in named.items() if value is not None}
    if crm_user_id is not None:
        changes["crm_user_id"] = crm_user_id or None
    if weekly_hours is not None:
        changes["weekly_hours"] = _hours(weekly_hours) or None
    if fills:
        changes["workflow_roles"] = [each for each in fills if each]

    async def change(events: EventLog) -> Operator:
        operator = await operator_of(email)
        return await operators.change_operator(operator.id, changes, actor=ACTOR, events=events)

    print(_line(with_catalog(read_settings(), change)))


@operator_commands.command("list")
def list_operators() -> None:
    """List all operators."""
    for row in with_database(read_settings(), lambda events: operators.list_operators()):
        print(_line(row))


@service_commands.command("responsible")
def set_responsible(
    code: Annotated[str, typer.Argument(help="The service's code.")],
    email: Annotated[str | None, typer.Argument(help="Who answers for it.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="From now on nobody does.")] = False,
) -> None:
    """Set the operator responsible for a service, who owns its future tickets and opportunities."""
    if (email is None) is not nobody:
        raise typer.BadParameter("Name either an operator or --nobody.")

    async def change(events: EventLog) -> Service:
        operator_id = (await operator_of(email)).id if email else None
        return await operators.set_responsible(code, operator_id, actor=ACTOR, events=events)

    service = with_catalog(read_settings(), change)
    print(f"{service.code}  {service.name}  {email or 'nobody'}")


@service_commands.command("list")
def list_services() -> None:
    """List all services and their responsible operators."""
    for row in with_catalog(read_settings(), lambda events: operators.list_services()):
        print(f"{row.code:<10}  {row.name:<40}  {row.responsible.email if row.responsible else 'nobody'}")


@token_commands.command("create")
def create_token(
    email: Annotated[str, typer.Argument(help="The operator that the program acts as.")],
    label: Annotated[str, typer.Argument(help="What the token is for.")],
    role: Annotated[Role, typer.Option(help="At most the operator's own.")] = Role.VIEWER,
    days: Annotated[
        int | None, typer.Option(min=1, help="How long it is valid; without end by default.")
    ] = None,
) -> None:
    """Create a token and print it. It is shown only once."""

    async def make(events: EventLog) -> operators.NewSecret:
        operator = await operator_of(email)
        expires_at = None if days is None else utc_now() + timedelta(days=days)
        return await operators.create_token(operator.id, role, label, expires_at, actor=ACTOR, events=events)

    print(with_database(read_settings(), make).secret)


@token_commands.command("list")
def list_tokens() -> None:
    """List the tokens of programs: the operator, the role, and whether each is still valid."""
    for row in with_database(read_settings(), lambda events: operators.list_tokens()):
        state = _state(row.revoked_at, row.expires_at)
        print(f"{row.id}  {row.role:<8}  {state:<20}  {row.label}  ({row.operator.name})")


@token_commands.command("revoke")
def revoke_token(token_id: str) -> None:
    """Revoke a token at once."""
    with_database(
        read_settings(), lambda events: operators.revoke_token(token_id, actor=ACTOR, events=events)
    )
    print(f"{token_id} opens nothing any more.")


def _hours(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _line(operator: Operator) -> str:
    notes = [
        *(["inactive"] if not operator.active else []),
        *([f"CRM user {operator.crm_user_id}"] if operator.crm_user_id else []),
        *operator.workflow_roles,
        *([f"{operator.weekly_hours:g} hours a week"] if operator.weekly_hours else []),
    ]
    line = f"{operator.id}  {operator.role:<8}  {operator.email:<32}  {operator.name}"
    return f"{line}  ({', '.join(notes)})" if notes else line


def _state(revoked_at: datetime | None, expires_at: datetime | None) -> str:
    if revoked_at is not None:
        return "revoked"
    if expires_at is None:
        return "for ever"
    return f"{'until' if utc_now() < expires_at else 'ended'} {expires_at:%Y-%m-%d %H:%M}"
