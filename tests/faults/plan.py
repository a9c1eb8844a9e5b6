"""What one run of the fault suite does: all of it is drawn from the name of a family and a seed, and nothing else is.

A family says what goes wrong: one misbehaviour of the CRM, all of them mixed, processes killed or frozen, and so on.
A plan is one instance of it: what is pressed where, on how many processes, and what strikes when.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

COMPANIES = {408101: "SOT", 408102: "SOD", 408103: "SOF", 408104: "SOS"}
"""The companies that buy, by their ids in the CRM, and the kit that each of them buys."""

AMPLE = 1200
"""Calls a minute that hardly any run uses up."""


class Database(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"


class Button(StrEnum):
    """The three actions, a ticket by hand, work that a milestone's activity follows, and a repair."""

    GENERATE = "generateOpportunities"
    SYNC = "syncOpportunities"
    ACTIVITIES = "generateActivities"
    SALE = "createTicket"
    DELIVER = "completeTask"
    REPAIR = "repairOpportunity"


class Blow(StrEnum):
    """What strikes a whole process, or a server, at an instant."""

    KILL = "kill -9"
    FREEZE = "freeze"
    STALL = "the CRM stalls"
    CRM_AWAY = "the CRM is away"
    DATABASE_AWAY = "PostgreSQL is restarted"


@dataclass(frozen=True)
class Strike:
    """It falls `after` so many seconds from that call to the CRM; what comes back does so `seconds` later.

    Calls show how far the work has come, however quick the machine is.
    """

    blow: Blow
    call: int
    after: float
    seconds: float
    target: int = 0


@dataclass(frozen=True)
class Press:
    button: Button
    company: int
    after: float
    copies: int = 1


@dataclass(frozen=True)
class Plan:
    """`faults` and `switches` are the sandbox's (docs/crm-in-cloud.md, part 7); `hook` what is taken from the hub."""

    family: str
    seed: int
    database: Database = Database.SQLITE
    processes: int = 1
    presses: tuple[Press, ...] = ()
    strikes: tuple[Strike, ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()
    switches: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    calls_per_minute: int = AMPLE
    hook: str | None = None

    @property
    def repeated_by(self) -> str:
        return f'make faults ONLY="{self.family}" SEED={self.seed}'

    def blows(self, blow: Blow) -> list[Strike]:
        return [strike for strike in self.strikes if strike.blow is blow]


Draw = Callable[[random.Random], dict[str, Any]]


@dataclass(frozen=True)
class Family:
    """`draw` gives a plan what makes it one of this family.

    `may_wait`: items of these kinds may wait for a person, because its CRM does not take them. `late_doubles`: a double
    is no failure as long as the hub knows of it. `control_of`: the same seeds give the plans of that family, less what
    `hook` takes from the hub; at least one of them has to come to harm.
    """

    name: str
    draw: Draw
    may_wait: tuple[str, ...] = ()
    late_doubles: bool = False
    control_of: str | None = None
    hook: str | None = None
    short: int = 1
    long: int = 20

    def plan(self, seed: int) -> Plan:
        chance = random.Random(f"{self.control_of or self.name} {seed}")
        changes: dict[str, Any] = {"presses": draw_presses(chance)} | self.draw(chance)
        changes["presses"] += draw_repairs(chance, changes["presses"])
        if self.hook:
            changes["hook"] = self.hook
        return Plan(family=self.name, seed=seed, **changes)

    def without(self, what: str, *, short: int = 0, long: int) -> "Family":
        """The control that shows what these plans do to a hub from which that was taken."""
        name = f"control: {self.name}, no {what}"
        return replace(self, name=name, control_of=self.name, hook=f"no {what}", short=short, long=long)


def draw_presses(chance: random.Random, *, copies: int = 1) -> tuple[Press, ...]:
    """Every button of three companies but the repairs, in any order and a little apart: more than twenty effects."""
    chosen = chance.sample(list(COMPANIES), 3)
    pressed = [(button, company) for company in chosen for button in Button if button is not Button.REPAIR]
    chance.shuffle(pressed)
    return tuple(
        Press(
            button,
            company,
            after=round(chance.uniform(0, 0.4), 3),
            copies=1 if button is Button.DELIVER else copies,
        )
        for button, company in pressed
    )


def draw_repairs(chance: random.Random, presses: Sequence[Press]) -> tuple[Press, ...]:
    """The repairs of the same companies, in as many copies.

    They are drawn last, so that a seed goes on standing for the plan that it stood for without them.
    """
    copies = max(press.copies for press in presses)
    return tuple(
        Press(Button.REPAIR, company, after=round(chance.uniform(0, 0.4), 3), copies=copies)
        for company in sorted({press.company for press in presses})
    )
