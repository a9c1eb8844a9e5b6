"""Runs the whole story against a running demo, as a user would: through GraphQL and the CRM's own screens.

Nothing here reaches into the hub. The CRM's side (a salesperson who records a sale, a user who looks at the CRM's
lists) goes through the sandbox's control address.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from server.sample import NOTE, TENANT
from server.sandbox_control import SandboxControl
from server.settings import BadSettings

SALE = {
    "subTypeId": TENANT["intake_sub_type_id"],
    "type": TENANT["activity_type"],
    "companyId": 408101,
    "ownerId": 2002,
    "state": TENANT["open_state"],
    "subject": "Officine Brembate: venduto lo Start-Office digital!",
    "description": "Il cliente parte subito. Un saluto, Giulia",
}

MARKS = {
    "TODO": "○",
    "PLANNED": "○",
    "OPEN": "○",
    "IN_PROGRESS": "◐",
    "DONE": "●",
    "COMPLETED": "●",
    "CLOSED": "●",
    "SKIPPED": "–",
    "CANCELLED": "–",
}

IMPORT = """mutation($id: ID!) { importActivity(crmActivityId: $id) {
  ticket { id code title owner { name } dueOn company { name } }
  intakeItem { id reason explanation }
  problems { code message } } }"""

TREE = """query($id: ID!) { ticket(id: $id) {
  ...Shown opportunities { id code crmId }
  children { ...Shown } } }
fragment Shown on Ticket { id code title status progress dueOn
  milestones { title status progress dueOn tasks { id title status dueOn } } }"""

COMPLETE = "mutation($id: ID!) { completeTask(taskId: $id) { task { status } problems { code message } } }"

LIVE = """subscription($id: ID!) { milestoneProgress(ticketId: $id) { state seq
  milestones { ticketCode title status progress finishedTaskCount taskCount }
  tickets { code status progress } } }"""

GENERATE = """mutation($id: ID!) { generateOpportunities(ticketId: $id) {
  action { id } problems { code message } } }"""
SYNC = """mutation($id: ID!) { syncOpportunities(ticketId: $id) {
  action { id } problems { code message } } }"""
ACTIVITIES = """mutation($id: ID!) { generateActivities(opportunityId: $id) {
  action { id } problems { code message } } }"""

ACTION = """query($id: ID!) { action(id: $id) { status itemCount finishedCount
  items(first: 100) { nodes { label outcome explanation crmId reference } } } }"""

FOLLOW = """query { actions(first: 100, filter: { kind: { eq: FOLLOW_MILESTONES }, status: { eq: RUNNING } }) {
  nodes { id } } }"""


async def run_tour(note: Path = NOTE) -> None:
    """Run the story. Stop with a plain sentence if no demo is running."""
    where = _read_note(note)
    headers = {"Authorization": f"Bearer {where['token']}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        try:
            await _Tour(session, where).play()
        except aiohttp.ClientConnectionError:
            raise BadSettings("The demo does not answer: is `make demo` still running?") from None


def _read_note(note: Path) -> dict[str, str]:
    """Read the note of the running demo: its addresses and a token."""
    if not note.exists():
        raise BadSettings("No demo is running here: start `make demo`, then the tour in a second terminal.")
    where: dict[str, str] = json.loads(note.read_text())
    return where


@dataclass
class _Tour:
    session: aiohttp.ClientSession
    where: Mapping[str, str]
    chapters: int = field(default=0)

    @property
    def _crm(self) -> SandboxControl:
        return SandboxControl(self.where["control"])

    async def play(self) -> None:
        sale = await self._record_sale()
        parent = await self._take_in(sale)
        await self._close_live(parent, "Onboarding: four tasks close the milestone, the milestone the ticket")
        await self._press("🟡 Genera Opportunità", GENERATE, parent)
        await self._press("🟠 Sincronizza Opportunità", SYNC, parent)
        self._chapter("The ticket tree, with a child for each opportunity")
        tree = await self._tree(parent)
        _print_tree(tree)
        for opportunity in sorted(tree["opportunities"], key=lambda one: one["code"][-2:]):
            await self._press(
                f"🟣 Genera Attività CRM for {opportunity['code']}", ACTIVITIES, opportunity["id"]
            )
        await self._close_live(parent, "Delivery: every task of every child, live", brief=True)
        self._chapter("The ticket tree at the end")
        _print_tree(await self._tree(parent), tasks=False)
        await self._show_crm(tree)

    def _chapter(self, title: str) -> None:
        self.chapters += 1
        print(f"\n{self.chapters}. {title}", flush=True)

    async def _record_sale(self) -> str:
        self._chapter("A salesperson records a sale in the CRM, as an activity")
        today = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        record = await self._crm.post("records/Activity", {**SALE, "activityDate": today})
        print(f"   CRM activity {record['id']}: “{SALE['subject']}”")
        return str(record["id"])

    async def _take_in(self, sale: str) -> str:
        self._chapter("The hub imports it: one parent ticket, with the recognised kit")
        answer = await self._ask(IMPORT, id=sale)
        ticket = answer["importActivity"]["ticket"]
        print(
            f"   {ticket['code']}  {ticket['title']}  (owner {ticket['owner']['name']}, due {ticket['dueOn']})"
        )
        again = await self._ask(IMPORT, id=sale)
        same = again["importActivity"]["ticket"]["id"] == ticket["id"]
        print(f"   Imported twice, it is {'the same ticket' if same else 'ANOTHER TICKET'}.")
        _print_tree(await self._tree(ticket["id"]))
        return str(ticket["id"])

    async def _close_live(self, parent: str, title: str, *, brief: bool = False) -> None:
        """Complete every open task while a subscription prints the changes; `brief`: only what is completed."""
        self._chapter(title)
        tree = await self._tree(parent)
        tasks = [
            task
            for ticket in (tree, *tree["children"])
            for milestone in ticket["milestones"]
            for task in milestone["tasks"]
            if task["status"] in ("TODO", "IN_PROGRESS")
        ]
        listening = asyncio.Event()
        open_tickets = 1 + len(tree["children"]) if tree["status"] != "CLOSED" else len(tree["children"])
        watcher = asyncio.create_task(self._watch(parent, listening, open_tickets, brief=brief))
        await listening.wait()
        for task in tasks:
            await self._ask(COMPLETE, id=task["id"])
        async with asyncio.timeout(30):
            await watcher

    async def _watch(self, parent: str, listening: asyncio.Event, until_closed: int, *, brief: bool) -> None:
        closed: set[str] = set()
        async for item in self._subscribe(LIVE, id=parent):
            if item["state"] == "SNAPSHOT":
                count = len(item["milestones"])
                what = "1 milestone" if count == 1 else f"{count} milestones"
                print(f"   live: snapshot of {what} at event {item['seq']}")
                listening.set()
                continue
            for milestone in item["milestones"]:
                if brief and milestone["status"] != "COMPLETED":
                    continue
                counts = f"{milestone['finishedTaskCount']}/{milestone['taskCount']}"
                bar = _bar(milestone["progress"])
                print(
                    f"   live: {bar} {counts:>4}  {milestone['ticketCode']}  {milestone['title']}", flush=True
                )
            for ticket in item["tickets"]:
                # Rows are at least as new as their item, so a closed ticket may come with two of them.
                if ticket["status"] == "CLOSED" and ticket["code"] not in closed:
                    closed.add(ticket["code"])
                    print(f"   live: ● {ticket['code']} is closed", flush=True)
            if len(closed) == until_closed:
                return

    async def _press(self, button: str, mutation: str, target: str) -> None:
        """Press a button twice, wait for its end, and show the outcome of each item."""
        self._chapter(button)
        first = await self._ask(mutation, id=target)
        action_id = next(iter(first.values()))["action"]["id"]
        action = await self._wait_for(action_id)
        for item in action["items"]["nodes"]:
            print(f"   {item['outcome']:<9} {item['reference']:<18} {item['label']}" + _crm_id(item))
        again = next(iter((await self._ask(mutation, id=target)).values()))["action"]["id"]
        repeated = await self._wait_for(again)
        made = sum(item["outcome"] == "CREATED" for item in repeated["items"]["nodes"])
        print(f"   Pressed again: {made} created, the rest already existed.")

    async def _wait_for(self, action_id: str) -> dict[str, Any]:
        while True:
            action: dict[str, Any] = (await self._ask(ACTION, id=action_id))["action"]
            if action["status"] != "RUNNING":
                return action
            await asyncio.sleep(0.2)

    async def _show_crm(self, tree: Mapping[str, Any]) -> None:
        """Show what the CRM's own users see: each opportunity with its activities."""
        while (await self._ask(FOLLOW))["actions"]["nodes"]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        self._chapter("What the CRM's own users see")
        ids = {int(one["crmId"]) for one in tree["opportunities"]}
        opportunities = [one for one in await self._crm.get("records/Opportunity") if one["id"] in ids]
        activities = [
            one for one in await self._crm.get("records/Activity") if one.get("opportunityId") in ids
        ]
        for opportunity in opportunities:
            own = [one for one in activities if one["opportunityId"] == opportunity["id"]]
            done = sum(one["state"] == TENANT["completed_state"] for one in own)
            print(f"   Opportunity {opportunity['id']}  {opportunity['code']}  {opportunity['amount']} €")
            print(f"      {len(own)} activities, {done} of them completed")

    async def _tree(self, ticket_id: str) -> dict[str, Any]:
        tree: dict[str, Any] = (await self._ask(TREE, id=ticket_id))["ticket"]
        return tree

    async def _ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        async with self.session.post(f"{self.where['url']}/graphql", json=body) as response:
            answer = await response.json()
        if answer.get("errors"):
            raise BadSettings(f"The hub answered: {answer['errors'][0]['message']}")
        data: dict[str, Any] = answer["data"]
        for payload in data.values():
            if isinstance(payload, dict) and payload.get("problems"):
                raise BadSettings(f"The hub declined: {payload['problems'][0]['message']}")
        return data

    async def _subscribe(self, query: str, **variables: Any) -> AsyncIterator[dict[str, Any]]:
        url = f"{self.where['url']}/graphql"
        async with self.session.ws_connect(url, protocols=("graphql-transport-ws",)) as socket:
            token = {"Authorization": f"Bearer {self.where['token']}"}
            await socket.send_json({"type": "connection_init", "payload": token})
            await socket.receive_json()
            payload = {"query": query, "variables": variables}
            await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
            async for message in socket:
                body = json.loads(message.data)
                if body["type"] == "ping":
                    await socket.send_json({"type": "pong"})
                elif body["type"] == "next":
                    yield body["payload"]["data"]["milestoneProgress"]
                elif body["type"] in ("error", "complete"):
                    return


def _crm_id(item: Mapping[str, Any]) -> str:
    return f"  (CRM {item['crmId']})" if item["crmId"] else ""


def _bar(progress: float | None, width: int = 10) -> str:
    """
    >>> _bar(0.5), _bar(None)
    ('█████░░░░░', '          ')
    """
    if progress is None:
        return " " * width
    filled = round(progress * width)
    return "█" * filled + "░" * (width - filled)


def _print_tree(tree: Mapping[str, Any], *, tasks: bool = True) -> None:
    for ticket, indent in ((tree, "   "), *((child, "      ") for child in tree.get("children", ()))):
        print(
            f"{indent}{MARKS[ticket['status']]} {_bar(ticket['progress'])} {ticket['code']}  {ticket['title']}"
        )
        for milestone in ticket["milestones"]:
            mark, bar = MARKS[milestone["status"]], _bar(milestone["progress"])
            print(f"{indent}   {mark} {bar} {milestone['title']}  (due {milestone['dueOn']})")
            for task in milestone["tasks"] if tasks and ticket is tree else ():
                print(f"{indent}      {MARKS[task['status']]} {task['title']}  (due {task['dueOn']})")
