"""Answers about figures are kept until anything is written, and never show another state than that of the database."""

import asyncio
import random
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest
from tortoise.connection import get_connection

import models
from models.database import WRITES
from schema import schema
from schema.compiled import CompiledReads, Question
from schema.kept_answers import KeptAnswers, Place
from services.events import Broadcast, EventLog
from services.operators import revoke_token
from services.reads import Reads
from services.reads.compiled import Exists, State
from services.reads.dialects import Postgres, Sqlite
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.asgi_client import client_maker
from tests.support.factories import NOW

BOARD = """query($last: Int = 30) { kpis(lastDays: $last, figures: [
  { key: FINISHED, subject: TASKS }, { key: LATE, subject: TASKS }, { key: OPEN, subject: PARENTS }]) {
  today dataUntil
  figures { measure { count address } population(first: 3) { edges { title node { ... on Node { id } } } } } } }"""


@pytest.fixture
def events(db):
    return EventLog(clock=lambda: NOW, broadcast=Broadcast())


@pytest.fixture
def arrive(events):
    return client_maker(events)


@pytest.fixture
async def caller(arrive):
    await factories.save_tree(children=1)
    return await arrive(Role.OPERATOR)


async def board(caller, **variables):
    answer = (await caller.ask(BOARD, **variables)).json
    assert "errors" not in answer, answer
    return answer["data"]["kpis"]


async def finished(caller):
    return (await board(caller))["figures"][0]["measure"]["count"]


async def write_something():
    """Write what no figure shows and no event tells, as some background work does."""
    await get_connection(WRITES).execute_query("UPDATE operator SET email = email || 'x'", [])


async def finish_a_task():
    """Change a row behind the program's back. Only the database knows."""
    task = await models.Task.filter(status="TODO").first()
    await models.Task.filter(id=task.id).update(status="DONE", finished_at=NOW)


async def test_what_was_answered_is_sent_again_for_one_statement(caller, statements):
    first = await board(caller)
    statements.clear()

    answer = (await caller.ask(BOARD)).json

    assert answer["data"]["kpis"] == first
    assert len(statements) == answer["extensions"]["cost"]["statements"] == 1
    assert caller.count("kept") == 1


async def test_whatever_is_written_ends_it(caller):
    before = await finished(caller)
    await finish_a_task()

    assert await finished(caller) == before + 1
    assert caller.count("kept") == 0


async def test_so_does_what_no_figure_shows(caller):
    before = await board(caller)
    await write_something()

    assert await board(caller) == before
    assert caller.count("kept") == 0


async def test_the_first_of_these_tests_sees_an_answer_that_is_kept_for_too_long(caller, monkeypatch):
    for dialect in (Sqlite, Postgres):
        monkeypatch.setattr(dialect, "state", "'always'")
    before = await finished(caller)
    await finish_a_task()

    assert await finished(caller) == before


async def test_what_is_written_while_it_is_read_ends_it_too(caller, monkeypatch):
    run = Reads.run

    async def write_meanwhile(reads, words, values):
        found = await run(reads, words, values)
        if "UNION ALL" in words or "kpi_target" in words:
            monkeypatch.setattr(Reads, "run", run)
            await finish_a_task()
        return found

    monkeypatch.setattr(Reads, "run", write_meanwhile)
    before = await finished(caller)
    assert Reads.run is run, "nothing was written meanwhile"

    assert await finished(caller) == before + 1


# Each connection to SQLite has its own states, so there several may execute.
@pytest.mark.only_on("postgres")
async def test_those_who_ask_together_share_one_execution(caller):
    answers = await asyncio.gather(*(board(caller) for _ in range(12)))

    # Twice if the server's own upkeep writes meanwhile.
    executed = caller.count("executed", "function")
    assert executed <= 2
    assert caller.count("kept") == 12 - executed
    assert answers == [answers[0]] * 12


@pytest.mark.only_on("postgres")
async def test_without_waiting_for_each_other_they_would_not(caller, monkeypatch):
    monkeypatch.setattr(KeptAnswers, "executing", lambda *_: nullcontext())

    await asyncio.gather(*(board(caller) for _ in range(12)))

    assert caller.count("executed", "function") > 2


async def test_whoever_waited_sees_what_was_written_before_asking(caller, monkeypatch):
    run, reading, release = Reads.run, asyncio.Event(), asyncio.Event()

    async def wait_with_the_figures(reads, words, values):
        if "UNION ALL" in words or "kpi_target" in words:
            reading.set()
            await release.wait()
        return await run(reads, words, values)

    monkeypatch.setattr(Reads, "run", wait_with_the_figures)
    first = asyncio.create_task(finished(caller))
    await reading.wait()
    await finish_a_task()
    second = asyncio.create_task(finished(caller))
    await asyncio.sleep(0.05)
    release.set()

    assert await second == await first + 1


@pytest.fixture
async def waited_for():
    """An execution that goes on until it is cancelled, and two who wait for it."""
    answers = KeptAnswers()

    async def execute():
        with answers.executing(place("a")):
            await asyncio.Event().wait()

    execution = asyncio.create_task(execute())
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(answers.kept_by_others(place("a"))) for _ in range(2)]
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    yield answers, execution, waiting
    execution.cancel()


async def test_those_who_wait_go_on_as_soon_as_the_answer_is_kept(waited_for):
    answers, _, waiting = waited_for

    answers.keep(place("a"), State("here", 1), b"{}")

    assert await asyncio.gather(*waiting) == [True, True]
    assert not await answers.kept_by_others(place("a"))


async def test_if_no_answer_is_kept_nobody_waits_for_another_one_who_waited(waited_for):
    answers, execution, waiting = waited_for

    execution.cancel()

    assert await asyncio.gather(*waiting) == [False, False]
    with answers.executing(place("a")), answers.executing(place("a")):
        pass
    assert not await answers.kept_by_others(place("a"))


async def test_it_is_kept_for_each_question_role_and_day(caller, arrive, monkeypatch):
    viewer = await arrive(Role.VIEWER)
    await board(caller)

    await board(caller, last=7)
    await board(viewer)
    assert caller.count("kept") == 0

    monkeypatch.setattr("services.planning.calendar.WorkCalendar.today", lambda *_: date(2099, 1, 1))
    assert (await board(caller))["today"] == "2099-01-01"
    assert caller.count("kept") == 0


async def test_it_is_not_kept_for_a_day_that_ended_while_it_was_read(db):
    compiled, instants = CompiledReads(schema), [NOW]
    context = context_for(Role.OPERATOR)
    context = replace(context, clock=lambda: instants[-1])
    question = Question("{ kpis(lastDays: 1, figures: [{ key: OPEN }]) { today } }", None, {})
    place = (await compiled.answer(question, context)).place

    instants.append(NOW + timedelta(days=1))
    compiled.keep(place, context, State("here", 1), b"{}")

    assert compiled.answers.bytes == 0


async def revoked_while_others_ask(arrive, events):
    """Return a caller whose token is revoked, after another one asked the same and had the answer kept."""
    other, caller = await arrive(Role.ADMIN), await arrive(Role.ADMIN)
    await board(caller)
    token = await models.Token.all().order_by("-id").first()
    await revoke_token(token.id, actor="test", events=events)
    for _ in range(2):
        await board(other)
    assert caller.count("kept") == 1
    return caller


async def test_a_revoked_token_gets_nothing_that_is_kept(arrive, events):
    caller = await revoked_while_others_ask(arrive, events)

    assert (await caller.ask(BOARD)).codes == ["UNAUTHENTICATED"]


async def test_without_a_look_at_the_token_it_would(arrive, events, monkeypatch):
    caller = await revoked_while_others_ask(arrive, events)
    monkeypatch.setattr("schema.compiled.still_valid", lambda viewer: Exists("SELECT 1", ()))

    assert (await caller.ask(BOARD)).codes == []


@pytest.mark.parametrize(
    "query",
    [
        "{ kpis(lastDays: 1, figures: [{ key: OPEN }]) { today } viewer { name } }",
        "{ kpis(lastDays: 1, figures: [{ key: OPEN }]) { today } crmHealth { breaker } }",
        "{ kpis(lastDays: 1, figures: [{ key: OPEN }]) { today } tickets { nodes { id } } }",
        "{ work { mine } }",
        "{ kpis(lastDays: 1, figures: [{ key: OPEN }]) { today } __schema { queryType { name } } }",
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Kpi") { name } }',
    ],
)
async def test_what_depends_on_more_than_the_database_is_never_kept(caller, query):
    for _ in range(2):
        assert "data" in (await caller.ask(query)).json

    assert caller.count("kept") == 0


async def test_an_answer_with_an_error_is_never_kept(caller):
    query = (
        "{ kpis(lastDays: 1, figures: [{ key: OPEN }]) { figures { groups(by: KIT, first: 0) { key } } } }"
    )

    for _ in range(2):
        assert (await caller.ask(query)).codes == ["BAD_USER_INPUT"]

    assert caller.count("kept") == 0


@pytest.mark.parametrize("seed", range(5))
async def test_between_any_writes_it_is_what_an_execution_answers(arrive, seed):
    chance = random.Random(seed)
    for _ in range(3):
        await factories.save_tree(children=1)
    callers = [await arrive(role) for role in (Role.ADMIN, Role.OPERATOR, Role.OPERATOR)]
    for _ in range(40):
        match chance.choice(("ask", "ask", "ask", "finish", "write")):
            case "ask":
                last = chance.choice((7, 30))
                answered = await board(chance.choice(callers), last=last)
                executed = await schema.execute(
                    BOARD, {"last": last}, context_value=context_for(Role.OPERATOR)
                )
                assert answered == orjson.loads(orjson.dumps(executed.data))["kpis"]
            case "finish":
                await finish_a_task()
            case "write":
                await write_something()
    assert callers[0].count("kept") > 0


def place(text):
    return Place(text, None, b"{}", Role.VIEWER, date(2026, 7, 1))


def test_the_answers_that_were_used_last_are_kept_up_to_so_many_bytes():
    answers, state = KeptAnswers(most_bytes=90), State("here", 1)
    for text in ("a", "b", "c"):
        answers.keep(place(text), state, b"x" * 30)
        answers.find(place("a"), state)

    assert answers.bytes <= 90
    assert [answers.find(place(text), state) is not None for text in ("a", "b", "c")] == [True, False, True]


def test_an_answer_that_is_larger_than_all_that_is_kept_leaves_nothing():
    answers = KeptAnswers(most_bytes=100)

    answers.keep(place("a"), State("here", 1), b"x" * 200)

    assert answers.bytes == 0
