"""What the engine needs to know about a kind of item. The use cases provide it; the engine knows nothing of tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from models import ActionItem
from services.crm.protocol import Claim
from services.events import Change
from services.planning.actions.preview import Why
from services.vocabulary import ItemOutcome


@dataclass(frozen=True, slots=True)
class Result:
    """How an item ended.

    With `more` the item runs once more, because its goal has changed meanwhile. `not_before` is the time of that run;
    None means at once.
    """

    outcome: ItemOutcome
    why: Why | None = None
    more: bool = False
    not_before: datetime | None = None
    crm_id: int | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The id from the CRM's answer to a create, and what `record` needs to know about the new record."""

    crm_id: int
    details: Any = None


class CreateKind(Protocol):
    """An item that creates one CRM record, which carries the item's reference."""

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        """Return the ids of the CRM records that carry the items' references.

        The answer is complete, or the call raises.
        """

    async def already_linked(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        """Return, by reference, the CRM records already linked to the effects of these items.

        Any other record is a duplicate.
        """

    async def reason_to_skip(self, item: ActionItem) -> Why | None:
        """Return why the record is no longer wanted, or None while it is."""

    async def send(self, item: ActionItem, *, claim: Claim) -> Created:
        """Create the record. Await `claim` right before the request is sent."""

    async def carries(self, item: ActionItem, crm_id: int) -> bool:
        """Read the CRM record with this id now and return whether it carries the item's reference."""

    async def examine(self, item: ActionItem, crm_id: int) -> Any:
        """Ask the CRM what `record` needs to know about a record that a look-up found."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """Return the event streams that `record` writes to and that `reason_to_skip` depends on."""

    async def record(self, change: Change, item: ActionItem, crm_id: int, details: Any) -> None:
        """Store that the CRM holds the record. The details are those of `send` or of `examine`."""


@runtime_checkable
class RepeatKind(Protocol):
    """An item whose CRM calls may be repeated without harm: it reads, or it sets fields to values."""

    async def call(self, item: ActionItem, *, claim: Claim) -> Any:
        """Call the CRM and return what `apply` needs. Await `claim` right before anything is set."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """Return the event streams that `apply` and `resend_after_race` write to."""

    async def apply(self, change: Change, item: ActionItem, response: Any) -> Result:
        """Store the result of the call."""

    async def resend_after_race(self, change: Change, item: ActionItem) -> None:
        """Plan another run after two executors called the CRM for one item: either call may have come last."""


Kind = CreateKind | RepeatKind
