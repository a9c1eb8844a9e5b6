"""The families of the fault suite: what goes wrong in each, and how that is drawn."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.faults.plan import AMPLE, Blow, Database, Draw, Family, Strike, draw_presses
from tests.faults.timing import HEARTBEAT, LAG, SECOND_LOOK, SETTLE, TIME_LIMIT

Faults = tuple[dict[str, Any], ...]

# Which calls a fault may strike. Creates come first and more often: they are what must not happen twice.
CREATES = (("Opportunity", "create"), ("Activity", "create"))
OTHERS = (("Opportunity", "search"), ("Activity", "search"), ("Activity", "update"), ("Auth", "login"))
# How many calls of a kind an undisturbed run makes at least.
NTH = {"create": 8, "search": 3, "update": 3, "login": 1}
CALLS = 40
"""Fewer than an undisturbed run makes altogether."""

BEYOND_THE_LIMIT = TIME_LIMIT + SETTLE / 6
"""Later than the client waits, but within what it grants a request to take effect."""

# One of the sandbox's misbehaviours, with its arguments; where there are several, each strike chooses one.
MISBEHAVIOURS: dict[str, Sequence[tuple[str, dict[str, Any]]]] = {
    "reset before": [("drop_before", {})],
    "reset after": [("commit_then_drop", {})],
    "time-out after commit": [("commit_then_delay", {"seconds": BEYOND_THE_LIMIT})],
    "commit after time-out": [("delay_then_commit", {"seconds": BEYOND_THE_LIMIT})],
    "429 with Retry-After": [("status", {"status": 429, "retry_after": 1})],
    "500": [("status", {"status": 500}), ("status", {"status": 500, "commit": True})],
    "502": [("html_502", {}), ("html_502", {"commit": True})],
    "503": [("status", {"status": 503}), ("status", {"status": 503, "commit": True, "retry_after": 1})],
    "HTML with 200": [("html_200", {}), ("html_200", {"commit": True})],
    "truncated answer": [("truncated_body", {})],
    "shortened id": [("shortened_id", {})],
    "empty answer": [("empty_body", {})],
    "slow drip": [("slow_drip", {"seconds": 0.3}), ("slow_drip", {"seconds": BEYOND_THE_LIMIT})],
}

BUDGETS = (150, AMPLE, AMPLE, 180)
"""Calls a minute. A run uses the smaller ones up: more than half of its calls leave at once, the others take turns."""

# A slow CRM gives each stage of a call a length in which something can strike.
SLOW: dict[str, Any] = {"latency_seconds": 0.04}
UNSEARCHABLE: dict[str, Any] = {"searchable_fields": {"Opportunity": [], "Activity": []}}


def draw_faults(chance: random.Random, names: Sequence[str], *, count: int = 6) -> Faults:
    """Each strikes one or two calls of a kind, at any point of the run."""
    return tuple(_fault(chance, chance.choice(MISBEHAVIOURS[chance.choice(names)])) for _ in range(count))


def _fault(chance: random.Random, chosen: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    name, arguments = chosen
    controller, action = chance.choice(CREATES if chance.random() < 0.7 else OTHERS)
    match = {"controller": controller, "action": action, "nth": chance.randint(1, NTH[action])}
    return {"match": match, "fault": name, "args": arguments, "times": chance.choice((1, 1, 2))}


def misbehaving(*names: str, **switches: Any) -> Draw:
    return lambda chance: {"faults": draw_faults(chance, names), "switches": switches}


def _mixed(chance: random.Random) -> dict[str, Any]:
    return {
        "faults": (*draw_faults(chance, list(MISBEHAVIOURS), count=10), _revocation(chance)),
        "switches": {
            "search_lag_seconds": chance.choice((0.0, LAG / 2)),
            **chance.choice((SLOW, UNSEARCHABLE, {"token_lifetime_seconds": 2.0})),
        },
        "strikes": (_crm_away(chance),),
    }


def _refused(chance: random.Random) -> dict[str, Any]:
    return {"strikes": (_crm_away(chance), _crm_away(chance)), "switches": SLOW}


def _crm_away(chance: random.Random) -> Strike:
    return Strike(Blow.CRM_AWAY, **_instant(chance), seconds=round(chance.uniform(0.2, 0.8), 3))


def _paused(chance: random.Random) -> dict[str, Any]:
    # One pause of a whole minute is enough for one run.
    busy = {
        "match": {"controller": "Opportunity", "action": "create", "nth": chance.randint(1, 9)},
        "fault": "status",
        "args": {"status": 429},
    }
    return {"faults": (busy,)}


def _expiring(chance: random.Random) -> dict[str, Any]:
    """By its age, or because the CRM forgets it; not twice within one call, which would be a refusal of our account."""
    lifetime = chance.choice((2.0, 3.0))
    return {"faults": (_revocation(chance),), "switches": {"token_lifetime_seconds": lifetime, **SLOW}}


def _revocation(chance: random.Random) -> dict[str, Any]:
    controller, action = chance.choice((*CREATES, *OTHERS[:-1]))
    match = {"controller": controller, "action": action, "nth": chance.randint(1, NTH[action])}
    return {"match": match, "fault": "revoke_tokens"}


def _killed(chance: random.Random) -> dict[str, Any]:
    """One process on SQLite, killed twice."""
    return {**_slow_writes(chance), "strikes": _kills(chance, processes=1)}


def _killed_of_many(chance: random.Random) -> dict[str, Any]:
    processes = chance.randint(1, 4)
    return {
        **_slow_writes(chance),
        **_shared(processes),
        "strikes": (*_kills(chance, processes=processes), *_kills(chance, processes=processes)),
    }


def _slow_writes(chance: random.Random) -> dict[str, Any]:
    """Each stage of a create takes its time, so that something can strike in the middle of it."""
    delays = [
        {
            "match": {"action": "create", "nth": number},
            "fault": chance.choice(("commit_then_delay", "delay_then_commit")),
            "args": {"seconds": 0.15},
        }
        for number in range(1, 40)
    ]
    return {
        "faults": tuple(delays),
        "switches": SLOW,
        "hook": chance.choice((None, "slow line", "slow line")),
    }


def _kills(chance: random.Random, *, processes: int) -> tuple[Strike, ...]:
    """Two, the second one often while what the first one left behind is in doubt; the CRM may stall meanwhile."""
    call, again = chance.randint(0, CALLS), round(chance.uniform(0.2, TIME_LIMIT + SETTLE), 3)
    kills = [
        Strike(Blow.KILL, call, after, seconds=0.1, target=chance.randrange(processes))
        for after in (_moment(chance), again)
    ]
    stall = Strike(Blow.STALL, max(call - 3, 0), after=0.0, seconds=SETTLE / 2)
    return (*kills, stall) if chance.random() < 0.3 else tuple(kills)


def _shared(processes: int) -> dict[str, Any]:
    return {"database": Database.POSTGRES, "processes": processes}


def _frozen(shortest: float, longest: float) -> Draw:
    def draw(chance: random.Random) -> dict[str, Any]:
        processes = chance.randint(2, 4)
        freezes = [
            Strike(
                Blow.FREEZE,
                **_instant(chance),
                seconds=round(chance.uniform(shortest, longest), 3),
                target=target,
            )
            for target in chance.sample(range(processes), processes // 2)
        ]
        look = {"HUB_SECOND_LOOK_SECONDS": str(SECOND_LOOK)}
        return {**_slow_writes(chance), **_shared(processes), "strikes": tuple(freezes), "settings": look}

    return draw


def _database_away(chance: random.Random) -> dict[str, Any]:
    strike = Strike(Blow.DATABASE_AWAY, **_instant(chance), seconds=round(chance.uniform(0, 0.5), 3))
    return {**_slow_writes(chance), **_shared(chance.randint(1, 4)), "strikes": (strike,)}


def _pressed(chance: random.Random) -> dict[str, Any]:
    return {**_shared(chance.randint(2, 4)), "presses": draw_presses(chance, copies=20), "switches": SLOW}


def _budget(chance: random.Random) -> dict[str, Any]:
    return {**_shared(4), "calls_per_minute": 90}


def often_tight(draw: Draw) -> Draw:
    """Half of the plans on a budget that is used up, so that every call beyond it shows."""

    def drawn(chance: random.Random) -> dict[str, Any]:
        plan = draw(chance)
        # Where nothing can be searched, a run makes a thousand calls, and would take ten minutes.
        if "searchable_fields" in plan["switches"]:
            return plan
        return {**plan, "calls_per_minute": chance.choice(BUDGETS)}

    return drawn


def _instant(chance: random.Random) -> dict[str, Any]:
    return {"call": chance.randint(0, CALLS), "after": _moment(chance)}


def _moment(chance: random.Random) -> float:
    """About as long as one call takes with everything that belongs to it."""
    return round(chance.uniform(0.0, 0.3), 3)


def _ordinary() -> list[Family]:
    alone = [Family(name, misbehaving(name, **SLOW), short=0) for name in MISBEHAVIOURS]
    lag: dict[str, Any] = {"search_lag_seconds": LAG * 0.8}
    return [
        *alone,
        Family("429 without Retry-After", _paused, short=0),
        Family("refused connection", _refused, short=0),
        Family("token expiry", often_tight(_expiring), short=0),
        Family("search lag", misbehaving("reset after", **lag), short=0),
        Family("unsearchable fields", misbehaving("reset after", **UNSEARCHABLE), short=0),
        Family("codes dropped", misbehaving("reset after", opportunity_code="dropped"), short=0),
        Family(
            "codes refused",
            misbehaving("reset after", opportunity_code="refused"),
            may_wait=("CREATE_OPPORTUNITY", "RECREATE_OPPORTUNITY"),
            short=0,
        ),
        Family("mixed", often_tight(_mixed), short=2),
        Family("killed", often_tight(_killed), short=4),
        Family("killed, many processes", often_tight(_killed_of_many)),
        Family("frozen, shortly", often_tight(_frozen(0.2, (TIME_LIMIT + SETTLE) * 0.8))),
        Family("frozen, long", _frozen(HEARTBEAT, 2 * HEARTBEAT), late_doubles=True, short=0),
        Family("PostgreSQL restarted", _database_away, short=0),
        Family("pressed twenty times", _pressed),
        Family("tight budget", _budget, short=0),
    ]


def _by_name(families: Iterable[Family]) -> dict[str, Family]:
    return {family.name: family for family in families}


def _controls(of: Mapping[str, Family]) -> list[Family]:
    """The harm that they come to is what shows that the others could come to harm."""
    return [
        of["reset after"].without("look-up", short=1, long=5),
        of["killed"].without("look-up", long=5),
        of["shortened id"].without("reading back", short=1, long=5),
        of["frozen, long"].without("compare-and-set", long=20),
        of["mixed"].without("limiter", short=1, long=5),
        of["tight budget"].without("limiter", short=1, long=4),
    ]


ORDINARY = _by_name(_ordinary())
FAMILIES = ORDINARY | _by_name(_controls(ORDINARY))
