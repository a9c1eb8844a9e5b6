"""The three buttons and their previews, asked for as GraphQL over a hub of the real parts."""

from dataclasses import dataclass
from typing import Any

from models import Action, ActionItem
from schema import schema
from server.wiring import Hub
from services.planning.actions.preview import subject_id
from services.vocabulary import ItemOutcome, Role
from tests.schema.conftest import context_for
from tests.support.hub import run_to_the_end
from tests.support.sandbox_process import SandboxProcess

SHOWN = """{
    items { subjectId kind reference label outcome reason explanation crmId changes { name before after } }
    crmCalls estimatedSeconds mirrorAgeSeconds crmRead planToken
    problems { code path ... on ActionRunningProblem { action { id } } }
}"""
DONE = "{ action { id } problems { code path } }"

PREVIEWS = {
    "generateOpportunities": "query($ticketId: ID!, $ticketLineIds: [ID!], $override: String) { shown: "
    "previewGenerateOpportunities(ticketId: $ticketId, ticketLineIds: $ticketLineIds, override: $override) "
    f"{SHOWN} }}",
    "syncOpportunities": "query($companyId: ID, $ticketId: ID) "
    f"{{ shown: previewSyncOpportunities(companyId: $companyId, ticketId: $ticketId) {SHOWN} }}",
    "generateActivities": "query($opportunityId: ID!) "
    f"{{ shown: previewGenerateActivities(opportunityId: $opportunityId) {SHOWN} }}",
}
PRESSES = {
    "generateOpportunities": "mutation($ticketId: ID!, $ticketLineIds: [ID!], $override: String, $planToken: "
    "String) { done: generateOpportunities(ticketId: $ticketId, ticketLineIds: $ticketLineIds, override: $override, "
    f"planToken: $planToken) {DONE} }}",
    "syncOpportunities": "mutation($companyId: ID, $ticketId: ID, $planToken: String) { done: "
    f"syncOpportunities(companyId: $companyId, ticketId: $ticketId, planToken: $planToken) {DONE} }}",
    "generateActivities": "mutation($opportunityId: ID!, $planToken: String) "
    f"{{ done: generateActivities(opportunityId: $opportunityId, planToken: $planToken) {DONE} }}",
}


@dataclass(frozen=True)
class Button:
    """One button over one scope, as one operator has it on the screen."""

    hub: Hub
    name: str
    operator_id: str
    scope: dict[str, Any]

    async def preview(self, *, role: Role = Role.OPERATOR) -> dict[str, Any]:
        return await self._ask(PREVIEWS[self.name], "shown", role=role, **self.scope)

    async def press(self, token: str | None) -> dict[str, Any]:
        return await self._ask(PRESSES[self.name], "done", role=Role.OPERATOR, planToken=token, **self.scope)

    async def run(self, token: str | None) -> list[ActionItem]:
        """Press, and see it through to its end."""
        done = await self.press(token)
        assert done["problems"] == []
        return await run_to_the_end(self.hub, await Action.get(id=done["action"]["id"]))

    async def _ask(self, document: str, field: str, *, role: Role, **variables: Any) -> dict[str, Any]:
        context = context_for(
            role,
            operator_id=self.operator_id,
            crm=self.hub.crm,
            events=self.hub.events,
            previews=self.hub.previews,
        )
        result = await schema.execute(document, variables, context_value=context)
        assert result.errors is None, result.errors
        assert result.data is not None
        answer: dict[str, Any] = result.data[field]
        return answer


FORESEEN = {
    ItemOutcome.CREATED: "CREATE",
    ItemOutcome.ADOPTED: "ADOPT",
    ItemOutcome.UPDATED: "UPDATE",
    ItemOutcome.UNCHANGED: "UNCHANGED",
    ItemOutcome.SKIPPED: "SKIP",
    ItemOutcome.NEEDS_ATTENTION: "BLOCKED",
}


def what_was_shown(preview: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(item["subjectId"], item["label"], item["outcome"]) for item in preview["items"]]


def what_was_done(items: list[ActionItem]) -> list[tuple[str, str, str]]:
    return [(subject_id(item.key), item.label, FORESEEN[ItemOutcome(item.outcome)]) for item in items]


def codes(answer: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in answer["problems"]]


async def calls_but_logins(sandbox: SandboxProcess) -> list[tuple[str, str]]:
    calls = await sandbox.calls("")
    return [(call["method"], call["path"]) for call in calls if not call["path"].endswith("Auth/Login")]
