"""A hub in which enough has happened for everything to be asked wrongly."""

import re
from dataclasses import dataclass

from tests.support.crm_store import new_records, read_store
from tests.support.databases import Rows, dump, tamper
from tests.support.graphql_client import Answer, Client
from tests.support.running_hub import Files
from tests.support.story import ACTIVITIES, GENERATE, IMPORT, SYNC, Desk

ORDINARY_SUB_TYPE = 63706

CANCEL = """mutation ($id: ID!) { cancelTicket(ticketId: $id, reason: "Il cliente ha cambiato idea.") {
  ticket { status } problems { code message } } }"""
LINES = "query ($id: ID!) { ticket(id: $id) { lines { id } } }"


@dataclass(frozen=True)
class ArrangedOffice:
    """`named` has the ids of what the cases speak of."""

    files: Files
    desk: Desk
    onlooker: Client
    named: dict[str, str]

    def mutate(self, call: str, client: Client | None = None) -> Answer:
        used = {name: value for name, value in self.named.items() if re.search(rf"\${name}\b", call)}
        head = ", ".join(f"${name}: ID!" for name in used)
        operation = f"mutation{f' ({head})' if head else ''} {{ {call} {{ problems {{ code message }} }} }}"
        return (client or self.desk.hub).graphql(operation, **used)

    def work(self) -> Rows:
        """What operators work on; the inbox and its events are not among it."""
        return dump(self.files.database_url, without=("intake_item", "event", "stream"))

    def everything(self) -> tuple[Rows, Rows]:
        return dump(self.files.database_url), read_store(self.files.store)


def arrange(desk: Desk, files: Files) -> dict[str, str]:
    """Sales in every state that a case needs, and a catalog with two holes in it."""
    ticket = desk.tree(desk.take_in(desk.record_sale("Start Office Digital")))
    (milestone,) = ticket["milestones"]
    done, task, *_ = milestone["tasks"]
    desk.hub.ask("mutation ($id: ID!) { completeTask(taskId: $id) { problems { code } } }", id=done["id"])
    cancelled = desk.tree(desk.take_in(desk.record_sale("Start Office Digital")))
    desk.hub.ask(CANCEL, id=cancelled["id"])
    delivered = take_in_and_close(desk, "Start Office Training")
    desk.press(GENERATE, delivered)
    action = desk.press(SYNC, delivered)
    sold = take_in_and_close(desk, "Start Office Sustainability")
    desk.press(GENERATE, sold)
    closed = take_in_and_close(desk, "Start Office Digital")
    without_lines = take_in_and_close(desk, "Incarico 24 mesi")
    without_template = take_in_and_close(desk, "Start Office Finance")
    inbox = desk.hub.ask(IMPORT, id=str(desk.record_sale("Un bel pranzo")))["intakeItem"]
    dismissed = desk.hub.ask(IMPORT, id=str(desk.record_sale("Un caffè")))["intakeItem"]
    desk.hub.ask(
        "mutation ($id: ID!) { dismissIntakeItem(intakeItemId: $id) { problems { code } } }",
        id=dismissed["id"],
    )
    make_holes(files, without_lines)
    return {
        "unknown": "tck_00000000000000000000000000",
        "ticket": ticket["id"],
        "milestone": milestone["id"],
        "task": task["id"],
        "done": done["id"],
        "cancelled": cancelled["id"],
        "cancelledTask": cancelled["milestones"][0]["tasks"][0]["id"],
        "child": desk.tree(delivered)["children"][0]["id"],
        "action": action["id"],
        "opportunity": desk.tree(sold)["opportunities"][0]["id"],
        "closed": closed,
        "line": desk.hub.ask(LINES, id=closed)["lines"][0]["id"],
        "withoutLines": without_lines,
        "withoutTemplate": without_template,
        "inbox": inbox["id"],
        "dismissed": dismissed["id"],
        "notASale": str(desk.record_sale("Una telefonata", subTypeId=ORDINARY_SUB_TYPE)),
        "echo": made_by_us(desk, files, delivered),
        "company": desk.hub.ask("{ companies(first: 1) { nodes { id } } }")["nodes"][0]["id"],
        "operator": desk.hub.ask("{ operators(first: 1) { nodes { id } } }")["nodes"][0]["id"],
    }


def made_by_us(desk: Desk, files: Files, delivered: str) -> str:
    """An activity that shows a milestone."""
    before = read_store(files.store)
    desk.press(ACTIVITIES, desk.tree(delivered)["opportunities"][0]["id"])
    made = new_records("activity", before=before, after=read_store(files.store))
    return str(made[0]["id"])


def take_in_and_close(desk: Desk, subject: str) -> str:
    ticket_id = desk.take_in(desk.record_sale(subject))
    desk.complete_all(desk.tree(ticket_id))
    return ticket_id


def make_holes(files: Files, without_lines: str) -> None:
    """What no caller can bring about, but an operator's hand in the database may."""
    tamper(
        files.database_url,
        f"""DELETE FROM ticket_line WHERE ticket_id = '{without_lines}';
        DELETE FROM kit_line WHERE kit_id = (SELECT id FROM kit WHERE code = 'ICS');
        UPDATE service SET workflow_code = NULL WHERE code = 'CBK';""",
    )
