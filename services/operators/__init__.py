"""Operators, their tokens, and the one-use codes that sign a browser in."""

from services.operators.refusals import UnknownOperator
from services.operators.remembered import Remembered
from services.operators.responsibles import list_services, set_responsible
from services.operators.roster import (
    ACCESS,
    OperatorDraft,
    change_operator,
    create_operator,
    draft_of,
    find_operator,
    get_operator,
    list_operators,
    save_operator,
)
from services.operators.tokens import (
    SAME_CALLER,
    EndedToken,
    NewSecret,
    Viewer,
    authenticate,
    create_sign_in_code,
    create_token,
    kind_of,
    list_tokens,
    open_session,
    redeem_sign_in_code,
    revoke_token,
    viewers_of,
)
from services.vocabulary import TokenKind

__all__ = [
    "ACCESS",
    "SAME_CALLER",
    "EndedToken",
    "NewSecret",
    "OperatorDraft",
    "Remembered",
    "TokenKind",
    "UnknownOperator",
    "Viewer",
    "authenticate",
    "change_operator",
    "create_operator",
    "create_sign_in_code",
    "create_token",
    "draft_of",
    "find_operator",
    "get_operator",
    "kind_of",
    "list_operators",
    "list_services",
    "list_tokens",
    "open_session",
    "redeem_sign_in_code",
    "revoke_token",
    "save_operator",
    "set_responsible",
    "viewers_of",
]
