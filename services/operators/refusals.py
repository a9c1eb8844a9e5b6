"""What is declined about operators and what they show."""

from collections.abc import Iterable

from services.errors import Refusal
from services.vocabulary import Role


class UnfitOperator(Refusal):
    """A name or an address that cannot be one."""

    code = "BAD_USER_INPUT"


class UnknownWorkflowRole(Refusal):
    """A role that no workflow has would never match anything."""

    code = "BAD_USER_INPUT"

    def __init__(self, role: str, known: Iterable[str]) -> None:
        super().__init__(
            f"No workflow has a role {role!r}; those there are: {', '.join(known)}.", path=("workflowRoles",)
        )


class UnknownOperator(Refusal):
    """Nobody has this id."""

    code = "UNKNOWN_OPERATOR"

    def __init__(self, operator_id: str) -> None:
        super().__init__(f"There is no operator {operator_id!r}.", path=("operatorId",))


class InactiveOperator(Refusal):
    """This operator may not come in any more."""

    code = "INACTIVE_OPERATOR"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not active.", path=("operatorId",))


class OperatorExists(Refusal):
    """Another operator has this e-mail address or this CRM user."""

    code = "OPERATOR_EXISTS"


class OperatorChanged(Refusal):
    """Somebody saved this operator in the meantime."""

    code = "CONFLICT"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was changed in the meantime.", path=("expectedVersion",))


class LastAdmin(Refusal):
    """Without an administrator nobody could ever make one again."""

    code = "LAST_ADMIN"

    def __init__(self) -> None:
        super().__init__("This is the last active administrator.", path=("role",))


class UnknownToken(Refusal):
    """No token has this id."""

    code = "UNKNOWN_TOKEN"

    def __init__(self, token_id: str) -> None:
        super().__init__(f"There is no token {token_id!r}.", path=("tokenId",))


class RoleAboveOperator(Refusal):
    """A token can do no more than its operator."""

    code = "ROLE_ABOVE_OPERATOR"

    def __init__(self, role: Role) -> None:
        super().__init__(f"Its operator is only {role}.", path=("role",))


class UnfitLabel(Refusal):
    """A token needs a name by which people know it again."""

    code = "BAD_USER_INPUT"

    def __init__(self) -> None:
        super().__init__("A label has 1 to 200 characters.", path=("label",))


class AlreadyExpired(Refusal):
    """A token that ends before it begins helps nobody."""

    code = "ALREADY_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The token would already be expired.", path=("expiresAt",))
