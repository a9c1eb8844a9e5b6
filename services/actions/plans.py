"""The whole plan of a button, the same for its preview and its run."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from models import Action
from services.actions.ledger import Opening, PlannedItem, open_action
from services.events import Change
from services.planning.actions.plan_token import Facts, issue_token, shown_facts
from services.vocabulary import ActionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlan(ABC):
    """What a press would open. `grounds` holds all decisions and their inputs: if they differ, the plans differ."""

    kind: ActionKind
    scope: dict[str, Any]
    items: Sequence[PlannedItem]
    grounds: object
    reason: str | None = None
    links: dict[str, str | None] = field(default_factory=dict)

    def token(self, facts: Facts) -> str:
        return issue_token(self._whole(), facts)

    def shown_by(self, token: str | None) -> Self:
        """Return this plan with the CRM content that the token shows as expected. PLAN_STALE if the token is for
        another plan.

        Without a token nothing was shown, so nothing is expected.
        """
        if token is None:
            return self
        facts = shown_facts(token, self._whole())
        return replace(
            self, items=[replace(item, expected=self.expected(item, facts)) for item in self.items]
        )

    @abstractmethod
    def expected(self, item: PlannedItem, facts: Facts) -> dict[str, list[int]] | None:
        """Return what the item must find in the CRM according to the shown facts; None if it may find anything."""

    def _whole(self) -> object:
        return [self.kind, self.scope, self.reason, self.grounds]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationPlan(ActionPlan):
    """A plan whose items of kind `creating` each create a record, unless the CRM holds one with their reference.

    Updating a record that the CRM already holds takes `calls_on_adoption` calls.
    """

    creating: str
    calls_on_adoption: int = 0

    def creates(self, item: PlannedItem) -> bool:
        return item.kind == self.creating and item.outcome is None

    def expected(self, item: PlannedItem, facts: Facts) -> dict[str, list[int]] | None:
        return {"crm_ids": [*facts.get(item.reference, ())]} if self.creates(item) else None


async def open_plan(change: Change, plan: ActionPlan, *, operator_id: str) -> Action:
    opening = Opening(plan.kind, plan.scope, plan.items, plan.links, operator_id, plan.reason)
    return await open_action(change, opening)
