"""One token for all processes over one database, and one login for it."""

import asyncio
from collections import Counter

import pytest

from models.database import shared_client
from services.crm.crm_in_cloud.login import Login
from services.crm.crm_in_cloud.tokens import KeptToken, SharedTokens
from services.crm.errors import CrmUnavailable
from tests.support.recorded_answers import SETTINGS, Stopwatch

pytestmark = pytest.mark.only_on("postgres")


class Crm:
    """Answers each login with a fresh token, after a while."""

    def __init__(self):
        self.logins = 0
        self.failures = 0
        self.asked = asyncio.Event()

    async def log_in(self, claim):
        await claim()
        self.logins += 1
        self.asked.set()
        await asyncio.sleep(0.05)
        if self.failures:
            self.failures -= 1
            raise CrmUnavailable("down")
        return {"access_token": f"token {self.logins}"}


@pytest.fixture
def crm():
    return Crm()


@pytest.fixture
def store_of_a_process(db):
    return lambda: SharedTokens(shared_client(), SETTINGS)


@pytest.fixture
def process(store_of_a_process, crm):
    """Another process over the same database: a caller for its token."""

    def start():
        login = Login(token_lifetime=1200, monotonic=Stopwatch(), store=store_of_a_process())
        return login, lambda: login.token(crm.log_in)

    return start


async def test_processes_that_start_together_log_in_once(process, crm):
    tokens = await asyncio.gather(*(process()[1]() for _ in range(8)))

    assert Counter(tokens) == {"token 1": 8}
    assert crm.logins == 1


async def test_a_process_that_comes_later_takes_the_token_that_is_there(process, crm):
    await process()[1]()

    token = await process()[1]()

    assert (token, crm.logins) == ("token 1", 1)


async def test_a_refused_token_is_replaced_once_for_everybody(process, crm):
    first, second = process(), process()
    used = [await ask() for _, ask in (first, second)]

    await asyncio.gather(
        *(login.forget(token) for (login, _), token in zip((first, second), used, strict=True))
    )
    tokens = await asyncio.gather(first[1](), second[1]())

    assert tokens == ["token 2", "token 2"]
    assert crm.logins == 2


async def test_forgetting_an_old_token_leaves_the_new_one_alone(process, crm):
    login, ask = process()
    old = await ask()
    await login.forget(old)
    new = await ask()

    await login.forget(old)

    assert (await process()[1](), crm.logins) == (new, 2)


async def test_a_failed_login_leaves_the_way_free_for_the_next(process, crm):
    crm.failures = 1
    with pytest.raises(CrmUnavailable):
        await process()[1]()

    token = await process()[1]()

    assert token == "token 2"


async def test_a_login_that_is_cancelled_lets_the_next_one_log_in(process, crm):
    impatient = asyncio.create_task(process()[1]())
    await crm.asked.wait()
    impatient.cancel()

    async with asyncio.timeout(60):
        token = await process()[1]()

    assert token == "token 2"


async def test_the_claim_of_a_process_that_died_lapses(store_of_a_process, process):
    dead = store_of_a_process()
    dead._patience = 0.3
    assert await dead.claim()

    token = await asyncio.wait_for(process()[1](), 60)

    assert token == "token 1"


async def test_an_expired_token_is_not_shared(store_of_a_process):
    store = store_of_a_process()
    assert await store.claim()
    await store.keep(KeptToken("old", life=-1.0))

    assert await store.read() is None
    assert await store_of_a_process().claim()


async def test_one_who_was_too_slow_keeps_nothing(store_of_a_process):
    slow, quick = store_of_a_process(), store_of_a_process()
    slow._patience = 0.0
    assert await slow.claim()
    assert await quick.claim()

    await slow.keep(KeptToken("late", life=1000.0))

    assert await quick.read() is None
