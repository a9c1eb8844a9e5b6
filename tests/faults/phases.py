"""Where in the life of an item a fault struck, from the ledger's events and attempts and the CRM's log."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.evidence import Call, Evidence, Record, Row
from tests.faults.timing import TIME_LIMIT

CONTROLLERS = {
    "CREATE_OPPORTUNITY": "Opportunity",
    "RECREATE_OPPORTUNITY": "Opportunity",
    "CREATE_ACTIVITY": "Activity",
    "CREATE_SALE": "Activity",
}
READS = frozenset({"search", "search_ids", "get", "list"})
DELAYS = frozenset({"commit_then_delay", "delay_then_commit", "slow_drip"})
# The filter of a look-up where the CRM cannot search.
EVERYTHING = "id ne 0"
# An answer that is older than this was lost on its way.
STALE = 0.5


class Phase(StrEnum):
    PLANNED = "planned"
    LOOKING = "looking up"
    LOOKED = "looked up"
    CLAIMED = "claimed, not at the CRM"
    SENDING = "at the CRM, not written"
    WRITTEN = "written, not answered"
    ANSWERED = "answered, not recorded"
    IN_DOUBT = "in doubt"
    RECORDED = "recorded"
    TALKING = "sync or update"


@dataclass(frozen=True)
class Sending:
    """One claim of one item, with the call that it led to and the instant at which that was carried out."""

    claimed_at: float
    given_back_at: float
    call: Call | None
    written_at: float | None

    def phase(self, at: float) -> Phase:
        if self.call is None or at < self.call.at:
            return Phase.CLAIMED
        if at < min(self.call.ended_at, self.written_at or float("inf")):
            return Phase.SENDING
        if at < self.call.ended_at:
            return Phase.WRITTEN
        return Phase.ANSWERED if at < self.call.ended_at + STALE else Phase.IN_DOUBT


@dataclass(frozen=True)
class Life:
    """An item of the ledger, and everything that is known of its way."""

    item: Row
    sendings: Sequence[Sending]
    reads: Sequence[Call]
    talks: Sequence[tuple[float, float]]

    def phase(self, at: float) -> Phase | None:
        """None before it was planned."""
        if at < self.item["created_at"]:
            return None
        if self.item["finished_at"] is not None and at >= self.item["finished_at"]:
            return Phase.RECORDED
        if any(began <= at < ended for began, ended in self.talks):
            return Phase.TALKING
        for sending in self.sendings:
            if sending.claimed_at <= at < sending.given_back_at:
                return sending.phase(at)
        return self._before_a_claim(at)

    def _before_a_claim(self, at: float) -> Phase:
        if any(call.at <= at < call.ended_at for call in self.reads):
            return Phase.LOOKING
        return Phase.LOOKED if any(call.ended_at <= at for call in self.reads) else Phase.PLANNED


def phases_struck(evidence: Evidence) -> Counter[Phase]:
    """For a blow, the phase of every item in progress; for a call gone wrong, that of the call's own item."""
    lives = read_lives(evidence)
    struck = Counter(
        phase
        for blow in evidence.struck
        for life in lives
        if (phase := life.phase(blow.began_at)) is not None
    )
    struck.update(_phase_of_call(call, lives) for call in evidence.calls if _went_wrong(call))
    return struck


def _went_wrong(call: Call) -> bool:
    """A delay that the hub sat out is no fault."""
    return bool(call.fault) and (call.fault not in DELAYS or call.ended_at - call.at > TIME_LIMIT)


def _phase_of_call(call: Call, lives: Sequence[Life]) -> Phase:
    if call.action == "create":
        written = call.effect and call.fault != "delay_then_commit"
        return Phase.WRITTEN if written else Phase.SENDING
    if call.action in READS:
        met = {life.phase(call.at) for life in lives if call in life.reads}
        for phase in (Phase.IN_DOUBT, Phase.LOOKING):
            if phase in met:
                return phase
    return Phase.PLANNED if call.action == "login" else Phase.TALKING


def read_lives(evidence: Evidence) -> list[Life]:
    calls = _calls_of_items(evidence)
    return [_life(item, evidence, calls.get(item["id"], [])) for item in evidence.ledger.items]


def _life(item: Row, evidence: Evidence, creates: Sequence[Call]) -> Life:
    written = {f"created {one.table} {one.id}": one for one in evidence.records}
    events = [event for event in evidence.ledger.events if event["item_id"] == item["id"]]
    talks = [
        (attempt["started_at"], attempt["ended_at"] or float("inf"))
        for attempt in evidence.ledger.attempts
        if attempt["item_id"] == item["id"] and attempt["step"] == "CALL"
    ]
    return Life(
        item,
        sendings=list(_sendings(events, creates, written)) if item["kind"] in CONTROLLERS else (),
        reads=[call for call in evidence.calls if _is_look_up(call, item)],
        talks=talks,
    )


def _sendings(
    events: Sequence[Row], creates: Sequence[Call], written: dict[str, Record]
) -> Iterator[Sending]:
    claims = [event["occurred_at"] for event in events if event["kind"] == "ITEM_CLAIMED"]
    ends = [
        event["occurred_at"] for event in events if event["kind"] in ("ITEM_RELEASED", "ITEM_REQUEST_LOST")
    ]
    for place, claimed_at in enumerate(claims):
        following = claims[place + 1] if place + 1 < len(claims) else float("inf")
        call = next((call for call in creates if claimed_at <= call.at < following), None)
        record = written.get(call.effect or "") if call else None
        ended_at = min((end for end in ends if end >= claimed_at), default=float("inf"))
        yield Sending(claimed_at, min(ended_at, following), call, record.written_at if record else None)


def _calls_of_items(evidence: Evidence) -> dict[str, list[Call]]:
    """Each create call with the item that it was for: by what it wrote, else by who began to send just before."""
    markers = {f"created {one.table} {one.id}": one.marker for one in evidence.records}
    by_reference = {item["reference"]: item["id"] for item in evidence.ledger.items}
    found: dict[str, list[Call]] = {}
    for call in evidence.calls:
        if call.action != "create":
            continue
        item_id = by_reference.get(markers.get(call.effect or "", "")) or _sender(call, evidence)
        if item_id:
            found.setdefault(item_id, []).append(call)
    return found


def _sender(call: Call, evidence: Evidence) -> str | None:
    kinds = {item["id"]: item["kind"] for item in evidence.ledger.items}
    begun = [
        attempt
        for attempt in evidence.ledger.attempts
        if attempt["step"] == "SEND"
        and attempt["started_at"] <= call.at
        and CONTROLLERS.get(kinds[attempt["item_id"]]) == call.controller
    ]
    return max(begun, key=lambda attempt: attempt["started_at"])["item_id"] if begun else None


def _is_look_up(call: Call, item: Row) -> bool:
    return (
        call.action in READS
        and call.at >= item["created_at"]
        and CONTROLLERS.get(item["kind"]) == call.controller
        and any(words in call.query for words in (item["scope"], EVERYTHING))
    )
