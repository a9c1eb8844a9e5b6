"""What every server is asked. One document is valid in the hub and in the peers; PostGraphile words its own schema."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

_SHOWN = "fragment Shown on Ticket { id code title milestones { id title status tasks { id title status } } }"

DOCUMENTS = {
    "Q1": "query ($id: ID!) { ticket(id: $id) { ...Shown children { ...Shown } } } " + _SHOWN,
    "Q2": """query ($after: String) { tickets(first: 50, after: $after) {
      nodes { id code title progress milestones { id title progress } } pageInfo { hasNextPage endCursor } } }""",
    "Q3": """{ tickets(first: 20, filter: { kind: { eq: PARENT } }) {
      nodes { ...Shown children { ...Shown } } } } """
    + _SHOWN,
    "Q4": """{ kpis(lastDays: 30, figures: [{ key: OPEN, subject: PARENTS }, { key: BACKLOG, subject: TASKS },
      { key: IN_PROGRESS, subject: MILESTONES }, { key: LATE, subject: TASKS }]) {
      figures { measure { count } } } }""",
    "Q5": "mutation ($id: ID!) { completeTask(taskId: $id) { task { id title status } } }",
}

_SHOWN_BY_POSTGRAPHILE = """fragment Shown on Ticket { id: rowId code title
  milestones: milestonesList(orderBy: POSITION_ASC) { id: rowId title status
    tasks: tasksList(orderBy: POSITION_ASC) { id: rowId title status } } }"""

BY_POSTGRAPHILE = {
    "Q1": "query ($id: String!) { ticket: ticketByRowId(rowId: $id) { ...Shown"
    " children: childrenList(orderBy: POSITION_ASC) { ...Shown } } } " + _SHOWN_BY_POSTGRAPHILE,
    "Q2": """query ($after: Cursor) {
      tickets: allTickets(first: 50, after: $after, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
      nodes { id: rowId code title progress
        milestones: milestonesList(orderBy: POSITION_ASC) { id: rowId title progress } }
      pageInfo { hasNextPage endCursor } } }""",
    "Q3": """{ tickets: allTickets(first: 20, condition: { kind: "PARENT" }, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
      nodes { ...Shown children: childrenList(orderBy: POSITION_ASC) { ...Shown } } } } """
    + _SHOWN_BY_POSTGRAPHILE,
    "Q4": "{ kpis { openParents backlogTasks milestonesInProgress lateTasks } }",
    "Q5": """mutation ($id: String!) {
      completeTask: updateTaskByRowId(input: { rowId: $id, taskPatch: { status: "DONE" } }) {
        task { id: rowId title status } } }""",
}

ABOUT = {
    "Q1": "one parent with its whole tree, 132 rows",
    "Q2": "the second 50 tickets, each with its milestones and progress",
    "Q3": "20 parents with their whole trees, 2,640 rows",
    "Q4": "four counts of the board",
    "Q5": "complete a task; the hub with cascade, log and feed, the others by one UPDATE",
}
READS = ("Q1", "Q2", "Q3", "Q4")


def answered(question: str, data: Mapping[str, Any]) -> Any:
    """What all must answer alike. Cursors are each server's own."""
    if question == "Q2":
        page = data["tickets"]
        return page["nodes"], page["pageInfo"]["hasNextPage"]
    if question == "Q4":
        counted = data["kpis"]
        figures = counted.get("figures")
        return [one["measure"]["count"] for one in figures] if figures else [*counted.values()]
    return data


Variables = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class Subjects:
    """Which rows are asked for. Every server completes tasks of its own."""

    parents: Sequence[str]
    tasks: Mapping[str, Iterator[str]]


def variables_of(question: str, server: str, subjects: Subjects, cursor: str | None) -> Variables:
    """Return what gives the variables of one request after the other. `cursor` is where the second page begins."""
    if question == "Q1":
        parents = cycle(subjects.parents)
        return lambda: {"id": next(parents)}
    if question == "Q5":
        return lambda: {"id": next(subjects.tasks[server])}
    return lambda: {"after": cursor} if question == "Q2" else {}
