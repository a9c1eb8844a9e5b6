"""The story's steps, taken as an operator takes them: through the hub's API, and through the CRM by hand."""

import time
from dataclasses import dataclass
from typing import Any

from tests.support.graphql_client import Client
from tests.support.running_hub import PATIENCE

INTAKE_SUB_TYPE = 63705
BREMBATE = 408101
GIULIA_IN_THE_CRM = 2002
COMPLETED = 2

IMPORT = """mutation ($id: ID!) { importActivity(crmActivityId: $id) {
  ticket { id code } intakeItem { id reason } problems { code message } } }"""
COMPLETE = "mutation ($id: ID!) { completeTask(taskId: $id) { task { status } problems { code message } } }"
GENERATE = """mutation ($id: ID!) { generateOpportunities(ticketId: $id) {
  action { id } problems { code message } } }"""
SYNC = """mutation ($id: ID!) { syncOpportunities(ticketId: $id) {
  action { id } problems { code message } } }"""
ACTIVITIES = """mutation ($id: ID!) { generateActivities(opportunityId: $id) {
  action { id } problems { code message } } }"""

TREE = """query ($id: ID!) { ticket(id: $id) { ...Shown
  opportunities { id code crmId }
  children { ...Shown } } }
fragment Shown on Ticket { id code title status kind startsOn dueOn progress
  milestones { id title status dueOn tasks { id title status mandatory } } }"""
ACTION = """query ($id: ID!) { action(id: $id) { id kind status itemCount finishedCount attentionCount
  items(first: 100) { nodes { id kind reference outcome explanation } } } }"""
RUNNING = """query { actions(first: 100, filter: { status: { eq: RUNNING } }) { nodes { id } } }"""


@dataclass(frozen=True)
class Desk:
    """An operator who works with the hub, and the CRM beside it."""

    hub: Client
    crm: Client

    def record_sale(self, subject: str, description: str = "", **values: object) -> int:
        """A salesperson writes an activity into the CRM; its id there."""
        ordinary = {"subTypeId": INTAKE_SUB_TYPE, "companyId": BREMBATE, "ownerId": GIULIA_IN_THE_CRM}
        record = {"subject": subject, "description": description, "state": 1, **ordinary, **values}
        answer = self.crm.request("POST", "/control/records/Activity", record)
        assert answer.status == 201, answer
        return int(answer.body["id"])

    def take_in(self, crm_activity_id: int) -> str:
        """The id of the ticket that a sale becomes."""
        return str(self.hub.ask(IMPORT, id=str(crm_activity_id))["ticket"]["id"])

    def tree(self, ticket_id: str) -> dict[str, Any]:
        tree: dict[str, Any] = self.hub.ask(TREE, id=ticket_id)
        return tree

    def complete_all(self, ticket: dict[str, Any]) -> None:
        """Complete every task of one ticket of a tree, in order."""
        for milestone in ticket["milestones"]:
            for task in milestone["tasks"]:
                self.hub.ask(COMPLETE, id=task["id"])

    def press(self, button: str, target: str) -> dict[str, Any]:
        """The action as it ended."""
        return self.follow(self.hub.ask(button, id=target)["action"]["id"])

    def follow(self, action_id: str) -> dict[str, Any]:
        action: dict[str, Any] = {}
        for _ in _polls():
            action = self.hub.ask(ACTION, id=action_id)
            if action["status"] != "RUNNING":
                return action
        raise AssertionError(f"It did not come to an end: {action}")

    def until_nothing_runs(self) -> None:
        for _ in _polls():
            if not self.hub.ask(RUNNING)["nodes"]:
                return
        raise AssertionError("Something runs for ever.")

    def plan_faults(self, *faults: dict[str, Any]) -> None:
        assert self.crm.request("POST", "/control/faults", list(faults)).status == 201

    def switch(self, **switches: object) -> None:
        assert self.crm.request("PATCH", "/control/switches", switches).status == 200


def outcomes(action: dict[str, Any]) -> list[tuple[str, str]]:
    """Each item's reference, and what became of it."""
    return [(item["reference"], item["outcome"]) for item in action["items"]["nodes"]]


def _polls(pause: float = 0.05) -> Any:
    """Time and again, for as long as anybody would wait."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(pause)
