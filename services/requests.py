"""Requests that create something. Repeated under the same key, they have the same answer for ever."""

import hashlib
from collections.abc import Sequence

from models import AnsweredRequest
from services.errors import Refusal
from services.planning.actions.plan_token import digest


class RequestKeyReused(Refusal):
    """The same key was used before with another request."""

    code = "REQUEST_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("This key was used before with another request.", path=("requestKey",))


def request_id(actor: str, key: object) -> str:
    """Return what identifies a request of an operator, by its key or by its contents."""
    return hashlib.sha256(repr((actor, key)).encode()).hexdigest()[:32]


def refuse_other_contents(before: object, now: object) -> None:
    """Refuse a key that came before with other contents."""
    if before != now:
        raise RequestKeyReused


async def answer_of(actor: str, key: str | None, contents: Sequence[object], new_id: str) -> str:
    """Return the id of the row that answered this request before, else `new_id`, which answers it from now on.

    Call it inside the change that creates the row. Without a key every request is new.
    """
    if key is None:
        return new_id
    asked = AnsweredRequest(id=request_id(actor, key), contents=digest(contents), answer_id=new_id)
    # The database decides which of two requests came first. The other one waits here for it.
    await AnsweredRequest.bulk_create([asked], ignore_conflicts=True)
    answered = await AnsweredRequest.get(id=asked.id)
    refuse_other_contents(answered.contents, asked.contents)
    return answered.answer_id
