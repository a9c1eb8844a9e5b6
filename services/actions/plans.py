"""A button's whole plan: the same for its preview and for its run."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from models import Action
from services.actions.ledger import PlannedItem, open_action
from services.events import Change
from services.planning.plan_token import Facts, issue_token, shown_facts
from services.vocabulary import ActionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlan(ABC):
    """What a press would open. `grounds` is all that was decided, and from what: where it differs, so does the plan."""

    kind: ActionKind
    scope: dict[str, Any]
    items: Sequence[PlannedItem]
    grounds: object
    reason: str | None = None
    links: dict[str, str | None] = field(default_factory=dict)

    def token(self, facts: Facts) -> str:
        return issue_token(self._whole(), facts)

    def shown_by(self, token: str | None) -> Self:
        """This plan, held to what the CRM was shown to hold; PLAN_STALE where the token was given out for another one.

        Without a token nothing was shown, and nothing is held to it.
        """
        if token is None:
            return self
        facts = shown_facts(token, self._whole())
        return replace(
            self, items=[replace(item, expected=self.expected(item, facts)) for item in self.items]
        )

    @abstractmethod
    def expected(self, item: PlannedItem, facts: Facts) -> dict[str, list[int]] | None:
        """What the item must find in the CRM, given what was shown; None where it may find anything."""

    def _whole(self) -> object:
        return [self.kind, self.scope, self.reason, self.grounds]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationPlan(ActionPlan):
    """A plan whose items of the kind `creating` make a record, unless the CRM holds one under their reference.

    Bringing one that it holds up to date takes `calls_on_adoption`.
    """

    creating: str
    calls_on_adoption: int = 0

    def creates(self, item: PlannedItem) -> bool:
        return item.kind == self.creating and item.outcome is None

    def expected(self, item: PlannedItem, facts: Facts) -> dict[str, list[int]] | None:
        return {"crm_ids": [*facts.get(item.reference, ())]} if self.creates(item) else None


async def open_plan(change: Change, plan: ActionPlan, *, operator_id: str) -> Action:
    return await open_action(
        change,
        plan.kind,
        plan.scope,
        plan.items,
        operator_id=operator_id,
        reason=plan.reason,
        **plan.links,
    )
