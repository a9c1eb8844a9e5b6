"""What tests of the engine share: a CRM that is a list of references and fails on cue, and a clock held in the hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from models import ActionItem, Company
from services.actions import Created, Opening, PlannedItem, Result, Timing, open_action
from services.crm.errors import CrmOutcomeUnknown, CrmRefused, CrmUnavailable
from services.planning.actions.preview import TICKET_CANCELLED, Why
from services.vocabulary import ActionKind, ItemOutcome

TIMING = Timing(time_limit=20, settle=10, lag_bound=30, backoff=2)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Making:
    """Makes a record in a CRM that is a list; `script` says what goes wrong, one entry a request."""

    def __init__(self) -> None:
        self.crm: list[str] = []
        self.hidden = 0
        self.script: list[str] = []
        self.look_up_script: list[Exception] = []
        self.read_script: list[Exception] = []
        self.recorded: list[tuple[str, int]] = []
        self.look_ups = 0
        self.objections: dict[str, Why] = {}

    async def look_up(self, items: Sequence[ActionItem]):
        self.look_ups += 1
        if self.look_up_script:
            raise self.look_up_script.pop(0)
        visible = self.crm[: len(self.crm) - self.hidden]
        return {i.reference: [n for n, r in enumerate(visible, 100) if r == i.reference] for i in items}

    async def already_linked(self, items):
        return {}

    async def reason_to_skip(self, item):
        return self.objections.get(item.reference)

    async def send(self, item, *, claim):
        step = self.script.pop(0) if self.script else "ok"
        if step == "unreachable before the claim":
            raise CrmUnavailable("No connection.")
        if step == "cancelled while waiting for a call":
            self.objections[item.reference] = TICKET_CANCELLED
        await claim()
        match step:
            case "unreachable":
                raise CrmUnavailable("No connection.")
            case "paused":
                raise CrmUnavailable("Too many calls.", retry_after=60)
            case "refused":
                raise CrmRefused("Refused.", status=400, crm_message="The title is too long.")
            case "duplicate":
                raise CrmRefused("Refused.", status=400, crm_message="duplicate", duplicate=True)
            case "lost":
                raise CrmOutcomeUnknown("No answer.")
        self.crm.append(item.reference)
        if step == "committed, then lost":
            raise CrmOutcomeUnknown("No answer.")
        if step == "committed, and another id answered":
            return Created(46)
        if step == "committed, then a bug":
            raise ZeroDivisionError("canary")
        return Created(99 + len(self.crm))

    async def carries(self, item, crm_id):
        if self.read_script:
            raise self.read_script.pop(0)
        return 100 <= crm_id < 100 + len(self.crm) and self.crm[crm_id - 100] == item.reference

    async def examine(self, item, crm_id):
        return None

    async def streams(self, item):
        return ["intake"]

    async def record(self, change, item, crm_id, details):
        self.recorded.append((item.reference, crm_id))
        await change.create(
            Company(crm_id=crm_id, name=item.reference, refreshed_at=change.at), kind="COMPANY_CREATED"
        )


class Reading:
    """Works towards a target; each talk gets one step closer."""

    def __init__(self) -> None:
        self.steps = 3
        self.errors: list[Exception] = []

    async def call(self, item, *, claim):
        if self.errors:
            raise self.errors.pop(0)
        self.steps -= 1
        return self.steps

    async def streams(self, item):
        return []

    async def apply(self, change, item, received):
        return Result(ItemOutcome.UPDATED, more=received > 0)

    async def resend_after_race(self, change, item):
        raise AssertionError("Nobody crosses a reader.")


async def press(events, *references, kind="MAKE", expected=None):
    items = [PlannedItem(kind, r, r, f"Make {r}", expected=expected) for r in references]
    async with events.change("access", actor="opr_1") as change:
        opening = Opening(ActionKind.GENERATE_OPPORTUNITIES, {"of": list(references)}, items)
        return await open_action(change, opening)


async def work(engine, clock, *, patience=20):
    """Run due lanes until nothing is left, moving the clock to whenever the engine wants to come back."""
    for _ in range(patience):
        for lane in await engine.due_lanes():
            await engine.run_lane(lane)
        unfinished = await ActionItem.filter(open_key__not_isnull=True).order_by("position").first()
        if unfinished is None:
            return
        clock.now = max(clock.now, unfinished.next_try_at)
    raise AssertionError("The engine did not come to an end.")
