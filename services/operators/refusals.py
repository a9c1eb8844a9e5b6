"""The refusals about operators and tokens."""

from services.errors import Refusal
from services.vocabulary import Role


class UnknownOperator(Refusal):
    """There is no such operator."""

    code = "UNKNOWN_OPERATOR"

    def __init__(self, operator_id: str, *, path: tuple[str, ...] = ("operatorId",)) -> None:
        super().__init__(f"There is no operator {operator_id!r}.", path=path)


class InactiveOperator(Refusal):
    """The operator no longer works here."""

    code = "INACTIVE_OPERATOR"

    def __init__(self, name: str, *, path: tuple[str, ...] = ("operatorId",)) -> None:
        super().__init__(f"{name} is not active.", path=path)


class OperatorExists(Refusal):
    """Another operator has this e-mail address or this CRM user."""

    code = "OPERATOR_EXISTS"


class LastAdmin(Refusal):
    """The last active administrator keeps the role, because no one else could grant it."""

    code = "LAST_ADMIN"

    def __init__(self) -> None:
        super().__init__("This is the last active administrator.", path=("role",))


class UnknownToken(Refusal):
    """There is no such token."""

    code = "UNKNOWN_TOKEN"

    def __init__(self, token_id: str) -> None:
        super().__init__(f"There is no token {token_id!r}.", path=("tokenId",))


class RoleRequired(Refusal):
    """The caller's role does not permit this."""

    code = "FORBIDDEN"

    def __init__(self, role: Role) -> None:
        super().__init__(f"This requires the role {role}.")


class RoleAboveOperator(Refusal):
    """A token cannot have a higher role than its operator."""

    code = "ROLE_ABOVE_OPERATOR"

    def __init__(self, role: Role) -> None:
        super().__init__(f"Its operator is only {role}.", path=("role",))


class AlreadyExpired(Refusal):
    """The token would expire before it begins."""

    code = "ALREADY_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The token would already be expired.", path=("expiresAt",))
