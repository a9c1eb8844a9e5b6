"""Every attempt is kept with its time, what came of it and the CRM's words, whatever it was and however it ended."""

import pytest

from models import ActionAttempt, ActionItem
from services.actions import Costs, Engine
from services.crm.errors import CrmError, CrmOutcomeUnknown, CrmUnavailable
from services.errors import Refusal
from services.vocabulary import AttemptResult
from tests.support.action_kinds import TIMING, press, work


class CodeTaken(Refusal):
    """What was made cannot be written down."""

    code = "CODE_TAKEN"


@pytest.fixture
def engine(events, making, reading):
    return Engine(kinds={"MAKE": making, "READ": reading}, events=events, timing=TIMING, costs=Costs())


async def kept_attempts():
    attempts = await ActionAttempt.all().order_by("number")
    assert [one.number for one in attempts] == [*range(1, len(attempts) + 1)]
    assert all(one.ended_at and one.ended_at >= one.started_at for one in attempts)
    return [(one.step, one.result) for one in attempts]


@pytest.mark.parametrize(
    ("script", "attempts"),
    [
        pytest.param(["ok"], [("SEND", "CREATED")], id="made"),
        pytest.param(
            ["unreachable", "committed, then lost"],
            [("SEND", "CRM_UNAVAILABLE"), ("SEND", "OUTCOME_UNKNOWN"), ("LOOK_UP", "CREATED")],
            id="answer lost",
        ),
        pytest.param(
            ["lost"],
            [("SEND", "OUTCOME_UNKNOWN"), ("LOOK_UP", "ABSENT"), ("SEND", "CREATED")],
            id="lost before it arrived",
        ),
        pytest.param(
            ["committed, then a bug"], [("SEND", "INTERNAL_ERROR"), ("LOOK_UP", "CREATED")], id="a bug"
        ),
        pytest.param(
            ["duplicate"], [("SEND", "CRM_REFUSED"), ("LOOK_UP", "NEEDS_ATTENTION")], id="hidden duplicate"
        ),
    ],
)
async def test_every_request_and_every_look_that_decides_is_kept(
    engine, events, clock, making, script, attempts
):
    making.script = [*script]
    await press(events, "A")

    await work(engine, clock)

    assert await kept_attempts() == attempts


async def test_a_request_that_is_sent_again_after_a_new_login_has_its_end(
    engine, events, clock, making, monkeypatch
):
    send = making.send

    async def send_twice(item, *, claim):
        await claim()
        return await send(item, claim=claim)

    monkeypatch.setattr(making, "send", send_twice)
    await press(events, "A")

    await work(engine, clock)

    assert await kept_attempts() == [("SEND", "SENT_AGAIN"), ("SEND", "CREATED")]


@pytest.mark.parametrize(
    ("held", "attempt"),
    [
        pytest.param(["A"], ("LOOK_UP", "ADOPTED"), id="once"),
        pytest.param(["A", "A"], ("LOOK_UP", "NEEDS_ATTENTION"), id="twice"),
    ],
)
async def test_what_the_first_look_finds_is_an_attempt_of_the_item_that_it_decides(
    engine, events, clock, making, held, attempt
):
    making.crm = [*held]
    await press(events, "A")

    await work(engine, clock)

    assert await kept_attempts() == [attempt]


async def test_what_cannot_be_written_down_ends_its_attempt_with_the_reason(engine, events, clock, making):
    async def declined(change, item, crm_id, details):
        raise CodeTaken("Its code is taken.")

    making.record = declined
    await press(events, "A")

    await work(engine, clock)

    assert await kept_attempts() == [("SEND", "DECLINED_HERE")]
    assert (await ActionAttempt.get()).explanation == "Its code is taken."


async def test_a_look_for_a_duplicate_that_fails_is_kept_as_well(engine, events, clock, making):
    making.script = ["duplicate"]
    await press(events, "A")
    look_up = making.look_up

    async def fails_once_after_the_request(items):
        if making.look_ups == 1:
            making.look_up_script = [CrmUnavailable("No connection.")]
        return await look_up(items)

    making.look_up = fails_once_after_the_request
    (lane,) = await engine.due_lanes()
    await engine.run_lane(lane)

    assert await kept_attempts() == [("SEND", "CRM_REFUSED"), ("LOOK_UP", "CRM_UNAVAILABLE")]


async def test_a_call_ends_with_the_result_of_what_went_wrong(engine, events, clock, reading):
    reading.steps = 1
    reading.errors = [CrmOutcomeUnknown("No answer."), ZeroDivisionError("canary")]
    await press(events, "A", kind="READ")

    await work(engine, clock)

    assert await kept_attempts() == [
        ("CALL", "OUTCOME_UNKNOWN"),
        ("CALL", "INTERNAL_ERROR"),
        ("CALL", "UPDATED"),
    ]
    assert "canary" not in str(await ActionAttempt.all().values())


DEADLOCK = CrmOutcomeUnknown("It was answered 500.", crm_message="Deadlock.")


async def test_what_the_crm_says_of_an_unknown_outcome_is_kept(engine, events, making):
    async def fail(item, *, claim):
        await claim()
        raise DEADLOCK

    making.send = fail
    await press(events, "A")

    await engine.run_lane((await engine.due_lanes())[0])

    attempt = await ActionAttempt.get()
    assert (attempt.explanation, attempt.crm_words) == ("It was answered 500.", "Deadlock.")


async def test_what_the_crm_says_about_a_call_with_an_unknown_outcome_explains_its_item(
    engine, events, reading
):
    reading.errors = [DEADLOCK]
    await press(events, "A", kind="READ")

    await engine.run_lane((await engine.due_lanes())[0])

    for kept in (await ActionAttempt.get(), await ActionItem.get()):
        assert (kept.explanation, kept.crm_words) == ("It was answered 500.", "Deadlock.")


def test_every_failure_of_a_call_names_the_result_of_its_attempt():
    def below(error):
        return [error, *(deeper for one in error.__subclasses__() for deeper in below(one))]

    assert [
        error.__name__ for error in below(CrmError)[1:] if not isinstance(error.result, AttemptResult)
    ] == []
