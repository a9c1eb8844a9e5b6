"""The judge finds every kind of harm; one that found none would let everything pass."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.evidence import Answered, Call, Evidence, Ledger, Record, Struck
from tests.faults.judge import Baseline, judge
from tests.faults.plan import Blow, Plan

CODE, SHADOW, CHILD = "TCK-SOT-1-01", "TCK-SOT-1-01:1", "TCK-SOT-2-01"
OPENED = {"id": "axn_1", "kind": "GENERATE_OPPORTUNITIES", "status": "COMPLETED", "created_at": 1.0}


def record(number: int, reference: str, **body: Any) -> Record:
    table = "activity" if ":" in reference else "opportunity"
    return Record(table, number, reference, reference, written_at=2.0, body={"amount": 7, **body})


def item(**changes: Any) -> dict[str, Any]:
    ordinary = {"id": "itm_1", "action_id": "axn_1", "kind": "CREATE_OPPORTUNITY", "reference": CODE}
    ending = {"outcome": "CREATED", "explanation": None, "crm_id": 1, "scope": "crossId eq 9"}
    return {**ordinary, **ending, **changes}


def call(at: float) -> Call:
    return Call(at, at + 0.01, "Opportunity", "search", "crossId eq 9", effect=None, fault=None)


def ledger(**changes: Any) -> Ledger:
    links = [{"reference": CODE, "crm_id": 1}, {"reference": SHADOW, "crm_id": 2}]
    ordinary: dict[str, Any] = {
        "actions": [OPENED],
        "items": [item()],
        "attempts": [],
        "events": [],
        "tasks": [{"id": "tsk_1", "status": "DONE"}],
        "links": links,
        "children": {CHILD: [{"code": CHILD, "title": "Bandi"}]},
    }
    return Ledger(**{**ordinary, **changes})


GOOD = Evidence(
    plan=Plan("killed", 1, calls_per_minute=40),
    wanted=[CODE],
    children=[CHILD],
    followed=[SHADOW],
    answered=[Answered("generateOpportunities", frozenset(["axn_1"]))],
    ledger=ledger(),
    records=[record(1, CODE), replace(record(2, SHADOW, state=2), written_at=0.0)],
    calls=[call(1.5)],
    struck=[],
    log="",
)
BASELINE = Baseline(bodies={CODE: {"amount": 7}}, children={CHILD: [{"code": CHILD, "title": "Bandi"}]})


def with_ledger(**changes: Any) -> Evidence:
    return replace(GOOD, ledger=ledger(**changes))


def with_record(*records: Record) -> Evidence:
    return replace(GOOD, records=[*GOOD.records, *records])


def test_a_run_in_which_nothing_went_wrong_has_no_problems():
    assert judge(GOOD, BASELINE).problems() == []


@pytest.mark.parametrize(
    ("evidence", "problem"),
    [
        pytest.param(replace(GOOD, records=GOOD.records[1:], ledger=ledger(links=[])), "lost", id="lost"),
        pytest.param(with_ledger(children={}), "lost", id="a child ticket is lost"),
        pytest.param(with_record(record(3, CODE)), "doubled", id="doubled"),
        pytest.param(with_record(record(3, "TCK-X-1-01")), "uncalled", id="nobody asked for it"),
        pytest.param(
            replace(GOOD, records=[record(1, CODE, amount=8), GOOD.records[1]]),
            "different",
            id="another amount",
        ),
        pytest.param(with_ledger(children={CHILD: []}), "different", id="a child without its plan"),
        pytest.param(with_ledger(actions=[]), "unanswered", id="an answered action is gone"),
        pytest.param(
            with_ledger(actions=[{**OPENED, "status": "RUNNING"}]), "unfinished", id="an action runs for ever"
        ),
        pytest.param(
            with_ledger(items=[item(outcome="FAILED")]), "unfinished", id="an item waits without a reason"
        ),
        pytest.param(with_ledger(links=ledger().links[1:]), "unlinked", id="the hub does not know a record"),
        pytest.param(
            with_ledger(links=[*ledger().links, {"reference": CODE, "crm_id": 4}]),
            "unlinked",
            id="the hub believes in a record that is not there",
        ),
        pytest.param(
            replace(GOOD, records=[GOOD.records[0], replace(GOOD.records[1], body={"state": 1})]),
            "behind",
            id="an update is missing",
        ),
        pytest.param(
            replace(GOOD, calls=[call(1.0 + step / 100) for step in range(30)]),
            "over budget",
            id="over budget",
        ),
        pytest.param(replace(GOOD, log="[error] item_failed"), "bugs", id="a mistake of ours"),
        pytest.param(
            with_ledger(items=[item(outcome="NEEDS_ATTENTION", explanation="Look.")]),
            "waiting",
            id="an item waits for a person",
        ),
    ],
)
def test_each_kind_of_harm_is_found(evidence: Evidence, problem: str):
    found = judge(evidence, BASELINE).problems()

    assert problem in [words.partition(":")[0] for words in found]


def test_a_double_that_the_hub_reports_is_a_noticed_one():
    reported = item(outcome="NEEDS_ATTENTION", explanation="The CRM holds this more than once.")
    evidence = replace(with_record(record(3, CODE)), ledger=ledger(items=[reported]))

    verdict = judge(evidence, BASELINE)

    assert (verdict.doubled, verdict.noticed) == ([], [CODE])
    assert verdict.problems(late_doubles=True) == []


def test_a_double_that_a_second_look_found_is_a_noticed_one():
    finding = item(id="itm_2", kind="SECOND_LOOK", reference="axn_1", outcome="NEEDS_ATTENTION")
    finding["explanation"] = f"The CRM holds more of these records than we created. {CODE}: 1, 3."
    evidence = replace(with_record(record(3, CODE)), ledger=ledger(items=[item(), finding]))

    verdict = judge(evidence, BASELINE)

    assert (verdict.doubled, verdict.noticed) == ([], [CODE])
    assert verdict.harmed


def test_calls_within_the_budget_are_not_over_it():
    evenly = [call(1.0 + step * 2.1) for step in range(60)]

    assert judge(replace(GOOD, calls=evenly)).over_budget == []


def test_what_stood_still_lets_go_of_its_calls_together():
    bunched = replace(GOOD, calls=[call(7.0 + step / 100) for step in range(13)])

    frozen = replace(bunched, struck=[Struck(Blow.FREEZE, 1.0, 7.0)])
    killed = replace(bunched, struck=[Struck(Blow.KILL, 1.0, 7.0)])

    assert judge(bunched).over_budget == judge(killed).over_budget == ["11 calls within 0.100 s"]
    assert judge(frozen).over_budget == []


@pytest.mark.parametrize(
    ("kind", "problems"),
    [pytest.param("CREATE_OPPORTUNITY", 0, id="not taken"), pytest.param("CREATE_SALE", 1, id="another")],
)
def test_only_what_the_crm_does_not_take_may_wait(kind: str, problems: int):
    waiting = item(kind=kind, outcome="FAILED", explanation="Refused.")

    verdict = judge(with_ledger(items=[waiting]), BASELINE)

    assert len(verdict.problems(may_wait=("CREATE_OPPORTUNITY",))) == problems


@pytest.mark.parametrize(
    ("body", "different"),
    [pytest.param({"code": None}, [], id="the code"), pytest.param({"amount": 8}, [CODE], id="the amount")],
)
def test_where_the_crm_keeps_no_codes_everything_else_is_compared(body: dict[str, Any], different: list[str]):
    baseline = replace(BASELINE, bodies={CODE: {"amount": 7, "code": CODE}})
    plan = replace(GOOD.plan, switches={"opportunity_code": "dropped"})
    evidence = replace(GOOD, plan=plan, records=[record(1, CODE, **body), GOOD.records[1]])

    assert judge(evidence, baseline).different == different


def test_a_run_over_midnight_may_have_the_dates_of_either_day():
    next_day = Baseline(bodies={CODE: {"amount": 8}}, children={CHILD: []})
    third_day = Baseline(bodies={CODE: {"amount": 9}}, children={CHILD: []})

    assert judge(GOOD, BASELINE, next_day).different == []
    assert judge(GOOD, next_day, BASELINE).different == []
    assert judge(GOOD, next_day, third_day).different == [CODE, CHILD]
