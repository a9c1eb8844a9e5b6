"""What the engine has to know about a kind of item. It knows nothing of tickets; use cases hand it these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from models import ActionItem
from services.crm.protocol import Claim
from services.events import Change
from services.vocabulary import ItemOutcome


@dataclass(frozen=True, slots=True)
class Result:
    """How an item ended. `more` says that it is to be done once more, because what it works towards has moved on."""

    outcome: ItemOutcome
    explanation: str | None = None
    more: bool = False


class CreateKind(Protocol):
    """An item that makes one CRM record, which carries the item's reference."""

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        """The ids of the CRM records that carry the items' references: complete, or it raises."""

    async def send(self, item: ActionItem, *, claim: Claim) -> int:
        """Create the record and return its CRM id; await `claim` at the last moment before the request leaves."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """The event streams that `record` writes to."""

    async def record(self, change: Change, item: ActionItem, crm_id: int) -> None:
        """Write down that the CRM holds the record."""


@runtime_checkable
class RepeatKind(Protocol):
    """An item whose talk with the CRM may be repeated without harm: it reads, or it sets fields to values."""

    async def talk(self, item: ActionItem) -> Any:
        """Talk to the CRM and return what `apply` needs."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """The event streams that `apply` writes to."""

    async def apply(self, change: Change, item: ActionItem, heard: Any) -> Result:
        """Write down what follows."""


Kind = CreateKind | RepeatKind
