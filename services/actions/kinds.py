"""What the engine has to know about a kind of item. It knows nothing of tickets; use cases hand it these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from models import ActionItem
from services.crm.protocol import Claim
from services.events import Change
from services.vocabulary import ItemOutcome


@dataclass(frozen=True, slots=True)
class Result:
    """How an item ended. `more` says that it is to be done once more, because what it works towards has moved on;
    `not_before` when, where that is not at once."""

    outcome: ItemOutcome
    explanation: str | None = None
    more: bool = False
    not_before: datetime | None = None
    crm_id: int | None = None


class CreateKind(Protocol):
    """An item that makes one CRM record, which carries the item's reference."""

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        """The ids of the CRM records that carry the items' references: complete, or it raises."""

    async def given(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        """By reference, the CRM records that were taken for what the items are for: any other one is one too many."""

    async def objection(self, item: ActionItem) -> str | None:
        """Why the record is not wanted any more; None while it is."""

    async def send(self, item: ActionItem, *, claim: Claim) -> int:
        """Create the record and return its CRM id; await `claim` at the last moment before the request leaves."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """The event streams that `record` writes to, and that decide about an `objection`."""

    async def record(self, change: Change, item: ActionItem, crm_id: int) -> None:
        """Write down that the CRM holds the record."""


@runtime_checkable
class RepeatKind(Protocol):
    """An item whose talk with the CRM may be repeated without harm: it reads, or it sets fields to values."""

    async def talk(self, item: ActionItem, *, claim: Claim) -> Any:
        """Talk to the CRM and return what `apply` needs; await `claim` at the last moment before anything is set."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """The event streams that `apply` and `say_again` write to."""

    async def apply(self, change: Change, item: ActionItem, heard: Any) -> Result:
        """Write down what follows."""

    async def say_again(self, change: Change, item: ActionItem) -> None:
        """Somebody else talked for the same item at the same time, and either word may have been the last one."""


Kind = CreateKind | RepeatKind
