"""What to think of a run: what the CRM holds, against what was asked for. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from services.actions import CallRate
from tests.faults.evidence import Evidence, Record, Row
from tests.faults.plan import Blow
from tests.faults.stage import SALE_OF
from tests.support.running_hub import ON_THE_WAY
from tests.support.story import COMPLETED

WAITING = ("FAILED", "NEEDS_ATTENTION")
BUG = "item_failed"


@dataclass(frozen=True)
class Baseline:
    """The result of an undisturbed run: what the CRM holds under each reference, and the plan of each child."""

    bodies: Mapping[str, Mapping[str, Any]]
    children: Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Verdict:
    """Each list names what is wrong. `noticed` and `waiting` are reported to a person by the hub, with a reason."""

    lost: Sequence[str] = ()
    doubled: Sequence[str] = ()
    uncalled: Sequence[str] = ()
    different: Sequence[str] = ()
    unanswered: Sequence[str] = ()
    unfinished: Sequence[str] = ()
    unlinked: Sequence[str] = ()
    behind: Sequence[str] = ()
    over_budget: Sequence[str] = ()
    bugs: Sequence[str] = ()
    noticed: Sequence[str] = ()
    waiting: Sequence[str] = ()

    @property
    def harmed(self) -> bool:
        """Whether something happened that the safeguards are there to prevent."""
        return bool(self.doubled or self.noticed or self.unlinked or self.over_budget)

    def problems(self, *, may_wait: tuple[str, ...] = (), late_doubles: bool = False) -> list[str]:
        """Return the problems in words. Items of the kinds that `may_wait` names may wait for a person."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        found["waiting"] = [one for one in self.waiting if not one.startswith(may_wait)]
        if late_doubles:
            found["noticed"] = found["waiting"] = ()
        return [f"{name.replace('_', ' ')}: {', '.join(lines)}" for name, lines in found.items() if lines]


def judge(evidence: Evidence, *baselines: Baseline) -> Verdict:
    """Return what is wrong. Every record and plan has to equal that of one of the baselines.

    There are several if a day began during the run, because records and plans contain dates.
    """
    waiting = [item for item in evidence.ledger.items if item["outcome"] in WAITING]
    held = _held(evidence.records)
    doubled = {reference for reference, records in held.items() if len(records) > 1}
    reported = {_name_of(item) for item in waiting} | set(_named(held, waiting))
    return Verdict(
        lost=sorted(_lost(evidence, held, reported)),
        doubled=sorted(doubled - reported),
        noticed=sorted(doubled & reported),
        uncalled=sorted(_uncalled(evidence, held)),
        different=sorted(_different(evidence, held, baselines)) if baselines else (),
        unanswered=sorted(_unanswered(evidence)),
        unfinished=sorted(_unfinished(evidence)),
        unlinked=sorted(_unlinked(evidence, held, reported)),
        behind=sorted(set(_behind(evidence, held)) - reported),
        over_budget=_over_budget(evidence),
        bugs=_bugs(evidence),
        waiting=sorted(f"{item['kind']} {_name_of(item)} ({item['explanation']})" for item in waiting),
    )


def baseline_of(evidence: Evidence) -> Baseline:
    return Baseline(
        bodies={reference: _contents(records[0]) for reference, records in _held(evidence.records).items()},
        children=evidence.ledger.children,
    )


def _name_of(item: Row) -> str:
    """The reference as the stage calls it."""
    buyer: str = item["scope"].removeprefix("companyId eq ")
    return SALE_OF.format(buyer) if item["kind"] == "CREATE_SALE" else item["reference"]


def _named(held: Mapping[str, Sequence[Record]], waiting: Sequence[Row]) -> Iterator[str]:
    """Yield the references that the explanations for a person mention."""
    words = " ".join(item["explanation"] or "" for item in waiting)
    return (reference for reference, (record, *_) in held.items() if record.marker in words)


def _held(records: Sequence[Record]) -> dict[str, list[Record]]:
    held: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        held[record.reference].append(record)
    return held


def _lost(evidence: Evidence, held: Mapping[str, Sequence[Record]], reported: set[str]) -> set[str]:
    """Return records and tickets that were requested and are missing, without an explanation for a person."""
    missing_tickets = set(evidence.children) - set(evidence.ledger.children)
    return (set(evidence.wanted) - set(held) - reported) | missing_tickets


def _uncalled(evidence: Evidence, held: Mapping[str, Sequence[Record]]) -> Iterator[str]:
    """Yield records that this run wrote and that were not requested."""
    begun = min((call.at for call in evidence.calls), default=0.0)
    for reference, records in held.items():
        if records[-1].written_at >= begun and reference not in evidence.wanted:
            yield reference


def _different(
    evidence: Evidence, held: Mapping[str, Sequence[Record]], baselines: Sequence[Baseline]
) -> Iterator[str]:
    unkept = {"code"} if evidence.plan.switches.get("opportunity_code") else set()

    def kept(body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in unkept}

    for reference in evidence.wanted:
        expected = [kept(one.bodies[reference]) for one in baselines]
        if reference in held and kept(_contents(held[reference][0])) not in expected:
            yield reference
    for code, rows in evidence.ledger.children.items():
        if rows not in [one.children[code] for one in baselines]:
            yield code


def _contents(record: Record) -> dict[str, Any]:
    """Return what a record says, without its marker if that is drawn again in each run."""
    sale = record.marker != record.reference
    return {
        name: value.replace(record.marker, "") if sale and isinstance(value, str) else value
        for name, value in record.body.items()
    }


def _unanswered(evidence: Evidence) -> Iterator[str]:
    """Presses whose answer the hub's database knows nothing of, and tasks that are not done after all."""
    known = {action["id"] for action in evidence.ledger.actions}
    known |= {task["id"] for task in evidence.ledger.tasks if task["status"] == "DONE"}
    return (answer.reference for answer in evidence.answered if answer.ids - known)


def _unfinished(evidence: Evidence) -> Iterator[str]:
    for action in evidence.ledger.actions:
        if action["status"] == "RUNNING":
            yield f"{action['kind']} {action['id']}"
    for item in evidence.ledger.items:
        if item["outcome"] is None or (item["outcome"] in WAITING and not item["explanation"]):
            yield f"{item['kind']} {item['reference']}"


def _unlinked(evidence: Evidence, held: Mapping[str, Sequence[Record]], reported: set[str]) -> Iterator[str]:
    """Records that the hub does not know by their ids, and records that it believes in and the CRM does not hold."""
    believed = Counter((row["reference"], row["crm_id"]) for row in evidence.ledger.links)
    sales = {item["crm_id"] for item in evidence.ledger.items if item["kind"] == "CREATE_SALE"}
    for reference, (record, *_) in held.items():
        known = record.id in sales if _is_sale(record) else (reference, record.id) in believed
        if not known and reference not in reported:
            yield reference
    there = {record.id for records in held.values() for record in records}
    yield from (reference for reference, crm_id in believed if crm_id not in there)


def _is_sale(record: Record) -> bool:
    return record.marker != record.reference


def _behind(evidence: Evidence, held: Mapping[str, Sequence[Record]]) -> Iterator[str]:
    """Activities of milestones that were completed, and that do not show it."""
    for reference in evidence.followed:
        if reference in held and held[reference][0].body["state"] != COMPLETED:
            yield reference


def _over_budget(evidence: Evidence) -> list[str]:
    """The first stretch of time in which more calls reached the CRM than the budget lets out."""
    rate = CallRate(evidence.plan.calls_per_minute)
    late = ON_THE_WAY + _held_up(evidence)
    instants = sorted(call.at for call in evidence.calls)
    for first, start in enumerate(instants):
        for last in range(first, len(instants)):
            passed = instants[last] - start
            count = last - first + 1
            if count > rate.burst + (passed + late) / rate.interval:
                return [f"{count} calls within {passed:.3f} s"]
    return []


def _held_up(evidence: Evidence) -> float:
    """Return the seconds that a process stood still, with calls that had left already or were about to."""
    still = [
        struck.ended_at - struck.began_at
        for struck in evidence.struck
        if struck.blow in (Blow.FREEZE, Blow.STALL)
    ]
    return max(still, default=0.0)


def _bugs(evidence: Evidence) -> list[str]:
    """Lines of the log about a mistake of ours. A database that goes away may interrupt anything."""
    if evidence.plan.blows(Blow.DATABASE_AWAY):
        return []
    return [line for line in evidence.log.splitlines() if BUG in line][:3]
