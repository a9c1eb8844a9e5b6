"""A button's whole plan: the same for its preview and for its run."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models import Action
from services.actions.ledger import PlannedItem, open_action
from services.events import Change
from services.planning.plan_token import Facts, issue_token, shown_facts
from services.vocabulary import ActionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlan:
    """What a press would open. `grounds` is all that was decided, and from what: where it differs, so does the plan."""

    kind: ActionKind
    scope: dict[str, Any]
    items: Sequence[PlannedItem]
    grounds: object
    reason: str | None = None
    links: dict[str, str | None] = field(default_factory=dict)

    def token(self, facts: Facts) -> str:
        return issue_token(self._whole(), facts)

    def shown_by(self, token: str | None) -> "ActionPlan":
        """This plan, held to what the CRM was shown to hold; PLAN_STALE where the token was given out for another one.

        Without a token nothing was shown, and nothing is held to it.
        """
        if token is None:
            return self
        facts = shown_facts(token, self._whole())
        return replace(self, items=[_expecting(item, facts) for item in self.items])

    def _whole(self) -> object:
        return [self.kind, self.scope, self.reason, self.grounds]


def _expecting(item: PlannedItem, facts: Facts) -> PlannedItem:
    if item.outcome is not None:
        return item
    return replace(item, expected={"crm_ids": [*facts.get(item.reference, ())]})


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
