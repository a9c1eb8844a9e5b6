"""The rows behind a number as a CSV file.

The file is complete before its first byte is sent: what fails is answered with a code, and half a file never looks like
the whole. While a caller reads slowly, a file waits, and no transaction.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.csv_words import CsvWords, as_csv, words_for
from server.http_refusals import Refused, as_problem
from server.limits import ConnectionSlots, Limits
from server.rest import Body, parse_body
from services.errors import InvalidInput
from services.kpis import KpiPopulationOrder, Member, read_all_members
from services.planning.calendar import WorkCalendar
from services.planning.kpis import Address, address_from
from services.planning.kpis.addresses import LONGEST_ADDRESS
from services.planning.kpis.words import KpiUnit
from services.reads import Environment, ReadExceeded, reading

# Longer than an operation may read: the whole list is many pages, and fewer statements than pages.
READ_SECONDS = 30.0
IN_MEMORY = 1024 * 1024
CHUNK = 64 * 1024


class PopulationBody(Body):
    address: str = Field(max_length=LONGEST_ADDRESS)


def export_routes(clock: Callable[[], datetime], calendar: WorkCalendar, limits: Limits) -> list[Route]:
    """Return the exports, which belong behind the gate."""
    return [
        Route("/exports/kpi-population", PopulationExport(clock, calendar, limits), methods=["POST"]),
    ]


class PopulationExport:
    """Answers with all rows behind a number, in the order in which the console shows them."""

    def __init__(self, clock: Callable[[], datetime], calendar: WorkCalendar, limits: Limits) -> None:
        self._clock = clock
        self._calendar = calendar
        self._slots = ConnectionSlots(limits.exports_per_token)
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with (
            self._slots.take(request.state.viewer.token_id) as free,
            SpooledTemporaryFile(max_size=IN_MEMORY) as file,
        ):
            try:
                if not free:
                    raise _too_many_at_once()
                response = await self._answer(request, file)
            except Refused as refused:
                response = as_problem(refused)
            await response(scope, receive, send)

    async def _answer(self, request: Request, file: IO[bytes]) -> Response:
        address = _address_in(await parse_body(request, PopulationBody))
        words = words_for(request.headers.get("accept-language", ""))
        try:
            await self._write(address, words, file)
        except ReadExceeded as exceeded:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, exceeded.code, str(exceeded)) from None
        file.seek(0)
        headers = {"Content-Disposition": f'attachment; filename="{_name_of(address)}"'}
        return StreamingResponse(iter(partial(file.read, CHUNK), b""), headers=headers, media_type="text/csv")

    async def _write(self, address: Address, words: CsvWords, file: IO[bytes]) -> None:
        environment = Environment(self._calendar.today(self._clock()), self._calendar)
        file.write(as_csv([_heads(address, words)], words, is_first=True))
        # Other readers keep their connections: exports take one of them, in turn.
        async with self._one_at_a_time, reading(ends_at=time.monotonic() + READ_SECONDS) as reads:
            order = KpiPopulationOrder.WEIGHT_DESC
            async for members in read_all_members(address, order, environment, reads):
                file.write(as_csv((_cells(one, words, self._calendar) for one in members), words))


def _address_in(body: PopulationBody) -> Address:
    try:
        return address_from(body.address)
    except ValueError:
        message = "address: This is no address of a number."
        raise Refused(HTTPStatus.BAD_REQUEST, InvalidInput.code, message) from None


def _too_many_at_once() -> Refused:
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "RATE_LIMITED",
        "This token's other exports are not finished.",
        {"Retry-After": "5"},
    )


def _heads(address: Address, words: CsvWords) -> list[str]:
    unit = KpiUnit.COUNT if address.reason else address.wanted.definition.unit
    return [
        words.item,
        words.company,
        words.operator,
        f"{words.contribution} ({words.units[unit]})",
        words.counts,
        words.at,
        "ID",
    ]


def _cells(member: Member, words: CsvWords, calendar: WorkCalendar) -> list[str]:
    return [
        member.title,
        member.company or "",
        member.operator or "",
        words.number(member.weight),
        words.yes if member.counts else words.no,
        member.at.astimezone(calendar.zone).isoformat(timespec="seconds"),
        member.node_id,
    ]


def _name_of(address: Address) -> str:
    """Return the file's name: the figure, the first day and the last."""
    key = address.wanted.key.lower().replace("_", "-")
    return f"{key}-{address.period.first}-{address.period.last}.csv"
