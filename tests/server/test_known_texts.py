"""Operations by the hash of their text, over HTTP and over a socket."""

import hashlib
import re

import orjson
import pytest

from tests.support.socket_frames import next_message, subscribe

RESPONSE_JSON = "application/graphql-response+json"
WHO = "{ who }"
TICKS = "subscription { ticks }"


def by_hash(text: str, **changed: object) -> dict[str, object]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest, **changed}}}


async def answered(served, sent, **headers):
    async with served.post(json=sent, headers={**served.bearer, **headers}) as answer:
        return answer.status, await answer.json()


async def counted(served) -> dict[tuple[str, str], int]:
    async with served.http.get("/metrics", headers=served.bearer) as answer:
        text = await answer.text()
    found = re.findall(r'hub_graphql_documents_total\{how="(\w+)",over="(\w+)"\} (\d+)', text)
    return {(over, how): int(number) for how, over, number in found}


def refused(answer) -> tuple[str, str]:
    assert "data" not in answer
    [error] = answer["errors"]
    return error["extensions"]["code"], error["message"]


async def test_a_text_that_was_sent_once_with_its_hash_is_known_by_it(served):
    _, unknown = await answered(served, by_hash(WHO))
    _, registered = await answered(served, {"query": WHO, **by_hash(WHO)})
    _, known = await answered(served, by_hash(WHO))

    # Clients of Apollo's protocol know this very message.
    assert refused(unknown) == ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    assert registered["data"] == known["data"] == {"who": "Giulia Ferri"}
    assert await counted(served) == {("http", "unknown"): 1, ("http", "registered"): 1, ("http", "hash"): 1}


async def test_the_texts_of_the_console_are_known_from_the_start(serve, tmp_path):
    (tmp_path / "operations.json").write_bytes(orjson.dumps({"Who": WHO}))
    served = await serve(console=tmp_path)

    _, answer = await answered(served, by_hash(WHO))

    assert answer["data"] == {"who": "Giulia Ferri"}
    assert await counted(served) == {("http", "hash"): 1}


async def test_variables_go_with_a_hash_as_with_a_text(served):
    text = "query Q($text: String!) { echo(text: $text) }"
    await answered(served, {"query": text, "variables": {"text": "a"}, **by_hash(text)})

    _, answer = await answered(
        served, {"operationName": "Q", "variables": {"text": "è"}, **by_hash(text)}, accept=RESPONSE_JSON
    )

    assert answer["data"] == {"echo": "è"}


async def test_http_and_sockets_know_the_same_texts(served):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe(by_hash(TICKS)))
        unknown = await next_message(ws)
        await ws.send_json(subscribe({"query": WHO, **by_hash(WHO)}, "2"))
        registered, _ = await next_message(ws), await next_message(ws)
        await ws.send_json(subscribe({"query": TICKS, **by_hash(TICKS)}, "3"))
        assert (await next_message(ws))["payload"] == {"data": {"ticks": 0}}
        await ws.send_json({"type": "complete", "id": "3"})
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe(by_hash(TICKS)))
        ticks = [(await next_message(ws))["payload"]["data"]["ticks"] for _ in range(2)]
    _, over_http = await answered(served, by_hash(WHO))

    assert (unknown["type"], unknown["id"]) == ("error", "1")
    assert unknown["payload"] == [
        {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}
    ]
    assert registered["payload"] == {"data": {"who": "Giulia Ferri"}}
    assert ticks == [0, 1]
    assert over_http["data"] == {"who": "Giulia Ferri"}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        pytest.param(
            {"query": WHO, **by_hash(TICKS)},
            "`sha256Hash` is not the SHA-256 of `query`, in small hexadecimal digits.",
            id="hash of another text",
        ),
        pytest.param(
            {"query": WHO, **by_hash(WHO, version=2)},
            "Only version 1 of `persistedQuery` is known.",
            id="another version",
        ),
        pytest.param(
            {"extensions": {"persistedQuery": []}},
            "Only version 1 of `persistedQuery` is known.",
            id="a list",
        ),
        pytest.param(by_hash(WHO, sha256Hash=7), "`sha256Hash` must be a string.", id="a number"),
    ],
)
async def test_a_hash_that_is_wrong_is_refused(served, sent, sentence):
    for accepted, expected in (("application/json", 200), (RESPONSE_JSON, 400)):
        status, answer = await answered(served, sent, accept=accepted)
        assert status == expected
        assert refused(answer) == ("PERSISTED_QUERY_REFUSED", sentence)
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe(sent))
        message = await next_message(ws)

    assert message["payload"] == [{"message": sentence, "extensions": {"code": "PERSISTED_QUERY_REFUSED"}}]
    _, not_kept = await answered(served, by_hash(WHO))
    assert refused(not_kept)[0] == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_known_text_passes_every_check_again(served):
    text = "{ nonsense }"
    _, first = await answered(served, {"query": text, **by_hash(text)})
    _, again = await answered(served, by_hash(text))
    async with served.post(json=by_hash(text), headers={}) as answer:
        stranger = await answer.json()

    assert refused(first) == refused(again)
    assert refused(again)[0] == "GRAPHQL_VALIDATION_FAILED"
    assert answer.status == 401
    assert refused(stranger)[0] == "UNAUTHENTICATED"


async def test_the_texts_longest_out_of_use_are_forgotten_when_there_are_too_many(served):
    def text(number: int) -> str:
        return f'{{ echo(text: "{number}{"x" * 100_000}") }}'

    for number in (1, 2):
        await answered(served, {"query": text(number), **by_hash(text(number))})
    for number in range(3, 12):
        await answered(served, {"query": text(number), **by_hash(text(number))})
        # Used again each time.
        _, first = await answered(served, by_hash(text(1)))
        assert "data" in first

    _, second = await answered(served, by_hash(text(2)))
    assert refused(second)[0] == "PERSISTED_QUERY_NOT_FOUND"
