"""The main job, from a sale in the CRM to closed child tickets, with a real hub in front of a real CRM sandbox.

What the CRM ends up with is read from its file and compared record by record with a list that stands in `sold`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from tests.e2e.conftest import Office
from tests.support.crm_store import read_store
from tests.support.running_hub import Command
from tests.support.sold_kits import (
    CODES,
    LINES,
    PARENT,
    REFERENCES,
    SALE,
    assert_the_crm_holds_what_was_sold,
    starts_on,
)
from tests.support.story import ACTIVITIES, BREMBATE, GENERATE, SYNC, Desk, outcomes

T = TypeVar("T")

# Before its activities, an opportunity itself stands for the look at what the CRM holds of them.
CHECKED = [
    name for code in CODES for name in (code, *(one for one in REFERENCES if one.startswith(f"{code}:")))
]

ONBOARDING = ("PLANNED", "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED")
"""The milestone's status by how many of its tasks are done."""

LIVE = """subscription ($id: ID!) { milestoneProgress(ticketId: $id) { state seq previousSeq
  milestones { ticketCode title status finishedTaskCount taskCount progress }
  tickets { code status progress } } }"""


@pytest.mark.parametrize("office", [pytest.param(Command, id="as started by hand")], indirect=True)
def test_a_sale_becomes_closed_child_tickets_and_every_step_done_three_times_has_one_effect(office: Office):
    desk, before = office.desk, read_store(office.files.store)
    sale = desk.record_sale(SALE)

    parent, *again = three_times(office, lambda: desk.take_in(sale))
    assert again == [parent] * 2
    onboarding = close_live(office, parent, lambda: desk.complete_all(desk.tree(parent)))
    made, *again = three_times(office, lambda: outcomes(desk.press(GENERATE, parent)))
    assert made == [(code, "CREATED") for code in CODES]
    assert again == [[(code, "UNCHANGED") for code in CODES]] * 2
    made, *again = three_times(office, lambda: outcomes(desk.press(SYNC, parent)))
    assert made == [(str(BREMBATE), "UPDATED"), *((code, "CREATED") for code in CODES)]
    assert again == [[(name, "UNCHANGED") for name in (str(BREMBATE), *CODES)]] * 2
    made, *again = three_times(office, lambda: generate_all_activities(desk, parent))
    assert made == [(reference, "CREATED") for reference in REFERENCES]
    assert again == [[(reference, "UNCHANGED") for reference in CHECKED]] * 2
    children = desk.tree(parent)["children"]
    delivery = close_live(office, parent, lambda: [desk.complete_all(child) for child in children])

    assert_follows_the_onboarding(onboarding)
    assert_follows_the_delivery(delivery)
    assert_all_is_closed(desk.tree(parent))
    assert_the_crm_holds_what_was_sold(office.files.store, before, starts_on(desk, parent))


def three_times(office: Office, step: Callable[[], T]) -> list[T]:
    """Take a step, and twice more; neither the CRM nor the hub's work may look different after the first time."""
    results = [step()]
    office.desk.until_nothing_runs()
    store, work = read_store(office.files.store), office.work()
    for _ in range(2):
        results.append(step())
        office.desk.until_nothing_runs()
        assert read_store(office.files.store) == store
        assert office.work() == work
    return results


def generate_all_activities(desk: Desk, parent: str) -> list[tuple[str, str]]:
    opportunities = desk.tree(parent)["opportunities"]
    return [one for each in opportunities for one in outcomes(desk.press(ACTIVITIES, each["id"]))]


def close_live(office: Office, parent: str, work: Callable[[], object]) -> list[dict[str, Any]]:
    """What a subscriber receives while all open work is done: a snapshot, and an item for each task."""
    with office.desk.hub.subscribed(LIVE, id=parent) as items:
        snapshot = next(items)
        open_tasks = sum(one["taskCount"] - one["finishedTaskCount"] for one in snapshot["milestones"])
        three_times(office, work)
        return [snapshot, *(next(items) for _ in range(open_tasks))]


def assert_follows_the_onboarding(received: list[dict[str, Any]]) -> None:
    assert [item["state"] for item in received] == ["SNAPSHOT", *["CHANGE"] * 4]
    assert_no_gap(received)
    # What an item shows is at least as new as its change.
    counts = [item["milestones"][0]["finishedTaskCount"] for item in received]
    assert counts == sorted(counts)
    assert all(count >= number for number, count in enumerate(counts))
    for item, count in zip(received, counts, strict=True):
        assert item["milestones"] == [milestone_of_parent(ONBOARDING[count], count)]
    assert received[-1]["tickets"][0]["status"] == "CLOSED"


def milestone_of_parent(status: str, done: int) -> dict[str, Any]:
    return {
        "ticketCode": PARENT,
        "title": "Onboarding",
        "status": status,
        "finishedTaskCount": done,
        "taskCount": 4,
        "progress": done / 4,
    }


def assert_follows_the_delivery(received: list[dict[str, Any]]) -> None:
    assert_no_gap(received)
    moves = [milestone for item in received[1:] for milestone in item["milestones"]]
    assert len(moves) == sum(milestone["taskCount"] for milestone in received[0]["milestones"][1:])
    # What was completed right after a change may stand in its item already, and stands in its own again.
    completed = dict.fromkeys(
        (one["ticketCode"], one["title"]) for one in moves if one["status"] == "COMPLETED"
    )
    assert list(completed) == [(code, title) for code, *_, steps in LINES for title, _ in steps]
    tickets = (one for item in received[1:] for one in item["tickets"])
    closed = dict.fromkeys(one["code"] for one in tickets if one["status"] == "CLOSED")
    assert list(closed) == CODES


def assert_no_gap(received: list[dict[str, Any]]) -> None:
    assert [item["previousSeq"] for item in received[1:]] == [item["seq"] for item in received[:-1]]


def assert_all_is_closed(tree: dict[str, Any]) -> None:
    assert [one["title"] for one in tree["milestones"]] == ["Onboarding"]
    assert [one["title"] for one in tree["milestones"][0]["tasks"]] == [
        "Predisposizione Incarico",
        "Invio Incarico",
        "Firma Incarico",
        "Invio Mail di Benvenuto",
    ]
    assert [child["code"] for child in tree["children"]] == CODES
    tickets = [tree, *tree["children"]]
    assert {ticket["status"] for ticket in tickets} == {"CLOSED"}
    assert {one["status"] for ticket in tickets for one in ticket["milestones"]} == {"COMPLETED"}
