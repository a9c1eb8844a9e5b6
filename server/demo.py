"""Runs the whole product on one machine: the hub on SQLite, its own CRM sandbox, and sample users."""

import asyncio
import fcntl
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from models import Operator
from server.application import serve, sign_in_command
from server.demo_bar import demo_routes
from server.logs import configure_logs
from server.sample import DATABASE_URL, FOLDER, NOTE, TENANT
from server.sample_history import History
from server.sample_past import add_samples
from server.sample_work import LastWeeks
from server.sandbox_control import SandboxControl
from server.serve import listening
from server.settings import BadSettings, CrmVariables, Settings
from server.wiring import Hub
from services.operators import (
    OperatorDraft,
    create_operator,
    create_sign_in_code,
    create_token,
    find_operator,
    list_services,
    set_responsible,
)
from services.vocabulary import Role

LOG = FOLDER / "hub.log"
ACTOR = "system:demo"

# A demo must not be slow: the sandbox allows more calls than the real CRM's forty a minute.
CALLS_PER_MINUTE = 240
POLL_SECONDS = 15.0

PEOPLE = (
    (
        "Giulia Moretti",
        Role.ADMIN,
        2002,
        20,
        ("commerciale", "amministrazione"),
        ("SOF", "SOD", "SOT", "SOS"),
    ),
    ("Luca Ferrero", Role.OPERATOR, 2003, 40, ("analista", "progettista"), ("T50", "KHW", "PBX", "I24")),
    ("Sara De Nicolò", Role.OPERATOR, 2004, 32, ("formatore",), ("F40", "CLB", "CBK")),
    ("Paolo Casati", Role.OPERATOR, 2005, 40, ("consulente senior",), ("BND", "FND", "ICS")),
)


async def run_demo(settings: Settings, *, empty: bool = False, history: bool = False) -> None:
    """Run until interrupted. The data stays in `var/demo` for the next time.

    The first start adds sample sales and their work, and two years of history if wanted, unless the demo is to be
    `empty` or has a catalog of its own.
    """
    if history and empty:
        raise BadSettings("An empty demo has no history: choose one of the two.")
    if history and settings.catalog_folder is not None:
        raise BadSettings(
            "The history is of the shipped catalog's kits: start it without a catalog of your own."
        )
    with _log() as stream:
        # First, so that a busy port is reported before the sample work is done.
        with listening(settings.host, settings.port):
            pass
        print("Starting a CRM sandbox and the hub.", flush=True)
        async with _sandbox(FOLDER / "crm.sqlite3") as addresses:
            demo = _settings_of_demo(settings, addresses["crm"])
            control = SandboxControl(addresses["control"])

            async def announce(hub: Hub, address: str) -> None:
                await _welcome(hub, address, addresses)

            # The terminal is for the people who try the product.
            configure_logs(demo, stream)
            # The sample sales are of the shipped catalog's kits.
            if _is_new() and not empty and demo.catalog_folder is None:
                await _add_sample(demo, control, History() if history else None)
            elif history:
                print(f"No history was added, because {FOLDER} holds a demo already.", flush=True)
            try:
                await serve(demo, announce=announce, demo=demo_routes(control))
            finally:
                # The note means that a demo is running.
                NOTE.unlink(missing_ok=True)


async def _add_sample(demo: Settings, control: SandboxControl, history: History | None) -> None:
    if history is None:
        print("Adding sample sales and the work on them: about ten seconds.", flush=True)
        await add_samples(demo, control, [LastWeeks()], employ=_employ_all)
        return
    print("Adding two years of sales and the work on them: some minutes.", flush=True)
    month = ""

    def tell(at: datetime) -> None:
        nonlocal month
        if month != (month := f"{at:%Y-%m}"):
            print(f" {month}", end="", flush=True)

    await add_samples(demo, control, [history, LastWeeks()], employ=_employ_all, told=tell)
    print(flush=True)


@contextmanager
def _log() -> Iterator[TextIO]:
    """Open the demo's log. Its lock, held as long as the process lives, shows that a demo runs here."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8", errors="backslashreplace") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadSettings(f"A demo is running in {FOLDER} already: stop it with Ctrl-C first.") from None
        yield stream


def _is_new() -> bool:
    return not Path(DATABASE_URL.removeprefix("sqlite://")).exists()


def _settings_of_demo(settings: Settings, crm: str) -> Settings:
    changes = {
        "database_url": DATABASE_URL,
        "crm": CrmVariables(base_url=crm, **TENANT),
        "crm_calls_per_minute": CALLS_PER_MINUTE,
        "poll_seconds": POLL_SECONDS,
    }
    return settings.model_copy(update=changes)


@asynccontextmanager
async def _sandbox(store: Path) -> AsyncIterator[dict[str, str]]:
    switches = json.dumps({"calls_per_window": CALLS_PER_MINUTE})
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.crm.sandbox",
        *("--store", str(store), "--seed", "--leashed", "--switches", switches),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line:
            raise BadSettings("The CRM sandbox did not start; its message is above.")
        yield json.loads(line)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _welcome(hub: Hub, address: str, sandbox: dict[str, str]) -> None:
    """Add the sample users, leave a note for the tour, and print where to click."""
    giulia, *_ = await _employ_all(hub)
    token = await create_token(giulia.id, Role.OPERATOR, "tour", None, actor=ACTOR, events=hub.events)
    _leave_note({"url": address, "token": token.secret, **sandbox})
    code = await create_sign_in_code(giulia.id, actor=ACTOR, events=hub.events)
    print(
        f"""
IntelligenceHub is running. Everything stays in {FOLDER}; Ctrl-C stops it.

  The console, signed in as {giulia.name}   {hub.settings.public_url or address}/accedi?code={code.secret}
  (the link works once, within ten minutes; `{sign_in_command(hub.settings)}` makes another)

  The whole story, in a second terminal     make tour
  The CRM sandbox, and the hub's log        {sandbox["crm"]}   {LOG}
""",
        flush=True,
    )


def _leave_note(note: dict[str, str]) -> None:
    """Only this user of the machine may read it: it holds a token."""
    NOTE.unlink(missing_ok=True)
    NOTE.touch(mode=0o600)
    NOTE.write_text(json.dumps(note))


async def _employ_all(hub: Hub) -> list[Operator]:
    return [await _employ(hub, *person) for person in PEOPLE]


async def _employ(
    hub: Hub,
    name: str,
    role: Role,
    crm_user_id: int,
    weekly_hours: int,
    workflow_roles: tuple[str, ...],
    services: tuple[str, ...],
) -> Operator:
    email = f"{name.split()[0].lower()}@consulenza.example"
    operator = await find_operator(email)
    if operator is None:
        draft = OperatorDraft(
            name=name,
            email=email,
            role=role,
            crm_user_id=crm_user_id,
            workflow_roles=workflow_roles,
            weekly_hours=Decimal(weekly_hours),
        )
        operator = await create_operator(draft, actor=ACTOR, events=hub.events)
    for service in await list_services():
        if service.code in services and service.responsible is None:
            await set_responsible(service.code, operator.id, actor=ACTOR, events=hub.events)
    return operator
