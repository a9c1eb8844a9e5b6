"""What prevented a mutation, as data that a caller can branch on."""

import inspect
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.scalars import JSON

from resolvers.conflicts import changed_fields
from resolvers.problems import published_refusals, shows_refusals
from resolvers.reads.rows import loaded
from schema.nodes import Node
from services.errors import Refusal

if TYPE_CHECKING:
    from schema.access import Operator
    from schema.actions import Action


def _code(name: str, refusal: type[Refusal]) -> Any:
    description, _, _ = inspect.cleandoc(refusal.__doc__ or "").partition("\n\n")
    return strawberry.enum_value(name, description=" ".join(description.split()))


_names: Any = {code: _code(code, refusal) for code, refusal in published_refusals().items()}
_codes: Any = Enum("ProblemCode", _names)  # type: ignore[misc]
ProblemCode = strawberry.enum(_codes, description="Why a mutation was refused.")


@strawberry.interface(description="What prevented a mutation. Nothing was written.")
class Problem:
    code: str = strawberry.field(graphql_type=ProblemCode, description="The code for programs.")
    message: str = strawberry.field(description="A sentence for people who read logs.")
    path: list[str] = strawberry.field(
        description="The argument that it is about, then the fields and indexes that lead to the value in it."
    )


@shows_refusals()
@strawberry.type(description="A problem without fields of its own.")
class RefusalProblem(Problem):
    pass


@strawberry.type(description="A field that changed.")
class FieldChange:
    field: str = strawberry.field(description="Its name in this API, such as `dueOn`.")
    before: JSON | None = strawberry.field(
        description="Its value before, or the id of what it refers to; null for none."
    )
    after: JSON | None = strawberry.field(
        description="Its value now, or the id of what it refers to; null for none."
    )
    before_node: Node | None = loaded("What `before` refers to, if it is an id.", by="before_id")
    after_node: Node | None = loaded("What `after` refers to, if it is an id.", by="after_id")


@shows_refusals("CONFLICT")
@strawberry.type(description="It was changed after you read it.")
class ConflictProblem(Problem):
    current: Node | None = loaded("Its current state, if it still exists.", by="entity_id")
    version: int = strawberry.field(description="Its current version.")
    changed_by: Annotated["Operator", strawberry.lazy("schema.access")] | None = loaded(
        "Who changed it last; null if the hub did.", by="operator_id"
    )
    changes: list[FieldChange] = changed_fields(
        "What changed since the version that you read, as far as the API shows it."
    )


@shows_refusals("ACTION_RUNNING")
@strawberry.type(description="Another action is working on the same records.")
class ActionRunningProblem(Problem):
    action: Annotated["Action", strawberry.lazy("schema.actions")] = loaded(
        "The action to wait for.", by="action_id"
    )


@shows_refusals("BAD_USER_INPUT")
@shows_refusals("TEXT_TOO_LONG")
@strawberry.type(description="A value that is not allowed here.")
class InvalidInputProblem(Problem):
    expected: str | None = strawberry.field(
        description="What is expected, if that can be said: a limit, a format, the possible values."
    )


@shows_refusals("CRM_REFUSED")
@strawberry.type(description="The CRM declined; nothing was written.")
class CrmRefusedProblem(Problem):
    crm_words: str | None = strawberry.field(
        description="The CRM's message, without secrets; null if there was none."
    )


@strawberry.type(description="Something that would not move as a preview showed.")
class StaleMove:
    node: Node | None = loaded("What moves, as it is now.", by="id")
    shown_starts_on: date | None = strawberry.field(
        description="The start that the preview showed; null if it did not move."
    )
    shown_due_on: date | None = strawberry.field(
        description="The due date that the preview showed; null if it did not move."
    )
    starts_on: date | None = strawberry.field(
        description="The start that it would get; null if it would not move."
    )
    due_on: date | None = strawberry.field(
        description="The due date that it would get; null if it would not move."
    )


@shows_refusals("PLAN_STALE")
@strawberry.type(description="It would no longer do what the preview showed. Look at a new preview.")
class PlanStaleProblem(Problem):
    moves: list[StaleMove] = strawberry.field(
        description="If it was about dates: what would move otherwise than shown. Else, and for the token of "
        "another preview, empty."
    )


def problems() -> Any:
    """The field `problems` of every payload."""
    return strawberry.field(description="What prevented it; empty on success.")
