"""The whole product on one machine: the hub on SQLite, its own CRM sandbox, and people to work with."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from models import Operator
from server.application import serve
from server.logs import configure_logs
from server.sample import FOLDER, NOTE, TENANT
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

# A demo must not keep people waiting: the sandbox grants more calls than the real CRM's forty a minute.
CALLS_PER_MINUTE = 240
POLL_SECONDS = 15.0

PEOPLE = (
    ("Giulia Moretti", Role.ADMIN, 2002, ("commerciale", "amministrazione"), ("SOF", "SOD", "SOT", "SOS")),
    ("Luca Ferrero", Role.OPERATOR, 2003, ("analista", "progettista"), ("T50", "KHW", "PBX", "I24")),
    ("Sara De Nicolò", Role.OPERATOR, 2004, ("formatore",), ("F40", "CLB", "CBK")),
    ("Paolo Casati", Role.OPERATOR, 2005, ("consulente senior",), ("BND", "FND", "ICS")),
)


async def run_demo(settings: Settings) -> None:
    """Run until interrupted. What happened stays in `var/demo` and is there again next time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with _sandbox(FOLDER / "crm.sqlite3") as addresses:
        crm = CrmVariables(base_url=addresses["crm"], **TENANT)
        changes = {
            "database_url": f"sqlite://{FOLDER / 'hub.sqlite3'}",
            "crm": crm,
            "crm_calls_per_minute": CALLS_PER_MINUTE,
            "poll_seconds": POLL_SECONDS,
        }

        async def announce(hub: Hub, address: str) -> None:
            await _welcome(hub, address, addresses)

        demo = settings.model_copy(update=changes)
        # The terminal is for the people who try the product.
        with LOG.open("a", encoding="utf-8") as stream:
            configure_logs(demo, stream)
            try:
                await serve(demo, announce=announce)
            finally:
                # Who finds a note takes it that a demo is running.
                NOTE.unlink(missing_ok=True)


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
    """Let the sample people in, leave a note for the tour, and say where to click."""
    giulia, *_ = [await _employ(hub, *person) for person in PEOPLE]
    token = await create_token(giulia.id, Role.OPERATOR, "tour", None, actor=ACTOR, events=hub.events)
    _leave_note({"url": address, "token": token.secret, **sandbox})
    code = await create_sign_in_code(giulia.id, actor=ACTOR, events=hub.events)
    print(
        f"""
IntelligenceHub is running. Everything stays in {FOLDER}; Ctrl-C stops it.

  GraphiQL, signed in as {giulia.name}   {hub.settings.public_url or address}/sign-in?code={code.secret}
  (the link works once, within ten minutes; `.venv/bin/python -m server sign-in-link --demo` makes another)

  The whole story, in a second terminal     make tour
  The CRM sandbox, and the hub's log        {sandbox["crm"]}   {LOG}
""",
        flush=True,
    )


def _leave_note(note: dict[str, str]) -> None:
    """Only this machine's user may read it: it holds a token."""
    NOTE.unlink(missing_ok=True)
    NOTE.touch(mode=0o600)
    NOTE.write_text(json.dumps(note))


async def _employ(
    hub: Hub,
    name: str,
    role: Role,
    crm_user_id: int,
    workflow_roles: tuple[str, ...],
    services: tuple[str, ...],
) -> Operator:
    email = f"{name.split()[0].lower()}@consulenza.example"
    operator = await find_operator(email)
    if operator is None:
        draft = OperatorDraft(
            name=name, email=email, role=role, crm_user_id=crm_user_id, workflow_roles=workflow_roles
        )
        operator = await create_operator(draft, actor=ACTOR, events=hub.events)
    for service in await list_services():
        if service.code in services and service.responsible is None:
            await set_responsible(service.code, operator.id, actor=ACTOR, events=hub.events)
    return operator
