"""Carries out a plan: presses, strikes, waits until everything has ended, and reads the results."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Any

from models.postgres import LOST
from tests.faults.evidence import (
    Answered,
    Evidence,
    Struck,
    ask,
    count_calls,
    read_calls,
    read_ledger,
    read_records,
)
from tests.faults.plan import Button, Plan, Press, Strike
from tests.faults.prepared_hub import PreparedHub, prepared_hub
from tests.faults.stage import Stage
from tests.faults.timing import SETTLE, TIME_LIMIT
from tests.support.graphql_client import Client
from tests.support.story import ACTIVITIES, COMPLETE, GENERATE, SYNC

PATIENCE = 600.0
"""Seconds. A CRM may ask all processes to pause for a minute, twice; the rest is for a busy machine."""
STILL = 3 * (TIME_LIMIT + SETTLE)

SALE = """mutation ($company: ID!, $kit: String!, $key: String!) {
  createTicket(crmCompanyId: $company, kitCode: $kit, requestKey: $key) {
    action { id } problems { code message } } }"""
REPAIR = """mutation ($id: ID!) { repairOpportunity(opportunityId: $id, repair: RECREATE) {
  action { id } problems { code message } } }"""
ACTION_OF = {
    Button.GENERATE: GENERATE,
    Button.SYNC: SYNC,
    Button.ACTIVITIES: ACTIVITIES,
    Button.REPAIR: REPAIR,
}

UNFINISHED = "SELECT count(*) AS left_count FROM action WHERE status = 'RUNNING'"


class NeverEnded(Exception):
    """Something still ran when patience was at its end."""


@dataclass(frozen=True)
class Ran:
    """What a plan led to, and how long that took."""

    evidence: Evidence
    seconds: float


def carry_out(plan: Plan, stage: Stage, folder: Path) -> Ran:
    began = time.monotonic()
    with prepared_hub(plan, stage, folder) as hub:
        began_at = time.time()
        with ThreadPoolExecutor(64) as pool:
            strikes = [pool.submit(_undergo, hub, strike) for strike in plan.strikes]
            presses = [
                pool.submit(_press, hub, press, number)
                for press in plan.presses
                for number in range(press.copies)
            ]
            answered = [press.result() for press in presses]
            struck = [strike.result() for strike in strikes]
        _until_all_ends(hub)
        hub.close()
        evidence = _read(hub, began_at, answered, struck)
    return Ran(evidence, time.monotonic() - began)


def _undergo(hub: PreparedHub, strike: Strike) -> Struck:
    _until_call(hub, strike.call)
    time.sleep(strike.after)
    return Struck(strike.blow, *hub.undergo(strike))


def _press(hub: PreparedHub, press: Press, number: int) -> Answered:
    """Press until there is an answer: without one, a caller cannot know whether the press arrived."""
    time.sleep(press.after)
    place = hub.stage.places[press.button, press.company]
    reference = f"{press.button} of {press.company}"
    if press.button is Button.DELIVER:
        for target in place.targets:
            _insist(hub, number, COMPLETE, id=target)
        return Answered(reference, frozenset(place.targets))
    if press.button is Button.SALE:
        company, kit = place.targets
        answer = _insist(hub, number, SALE, company=company, kit=kit, key=company)
    else:
        (target,) = place.targets
        answer = _insist(hub, number, ACTION_OF[press.button], id=target)
    return Answered(reference, frozenset([answer["action"]["id"]]))


def _insist(hub: PreparedHub, number: int, mutation: str, **variables: str) -> dict[str, Any]:
    for turn in _turns():
        with suppress(OSError, HTTPException, ValueError):
            client = Client(hub.address(number + turn), hub.stage.token)
            answer = client.graphql(mutation, **variables)
            if answer.status == 200 and "errors" not in answer.body:
                (payload,) = answer.body["data"].values()
                assert not payload["problems"], (mutation, variables, payload)
                return dict(payload)
    raise NeverEnded(f"No process answered {variables}.")


def _until_call(hub: PreparedHub, number: int) -> None:
    """Until the CRM has seen so many calls, or sees no more for longer than any hub waits."""
    seen, seen_at = -1, time.monotonic()
    while seen < number and time.monotonic() < seen_at + STILL:
        if (count := count_calls(hub.files.store)) > seen:
            seen, seen_at = count, time.monotonic()
        time.sleep(0.01)


def _until_all_ends(hub: PreparedHub) -> None:
    for _ in _turns():
        with suppress(*LOST):
            if not ask(hub.database_url, UNFINISHED)[0]["left_count"]:
                return


def _turns(pause: float = 0.1) -> Iterator[int]:
    """Yield numbers, with pauses, until the patience ends."""
    end = time.monotonic() + PATIENCE
    for number in count():
        if time.monotonic() > end:
            return
        yield number
        time.sleep(pause)


def _read(
    hub: PreparedHub, began_at: float, answered: Sequence[Answered], struck: Sequence[Struck]
) -> Evidence:
    def wanted(*buttons: Button) -> list[str]:
        pressed = [press for press in hub.plan.presses if press.button in buttons]
        return [one for press in pressed for one in hub.stage.places[press.button, press.company].wanted]

    return Evidence(
        plan=hub.plan,
        wanted=wanted(Button.GENERATE, Button.ACTIVITIES, Button.SALE, Button.REPAIR),
        children=wanted(Button.SYNC),
        followed=wanted(Button.DELIVER),
        answered=answered,
        ledger=read_ledger(hub.database_url, began_at),
        records=read_records(hub.files.store),
        calls=read_calls(hub.files.store),
        struck=struck,
        log=hub.files.log.read_text(),
    )
