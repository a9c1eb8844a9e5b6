"""Examples of sales seen and of effects in the CRM, worked out by hand in each definition, here by the hub."""

from typing import Any

import models
from tests.schema.kpis.conftest import at
from tests.schema.kpis.example_rows import left_out, sale
from tests.support import factories
from tests.support.factories import NOW, save


def waiting(status: str, reason: str, crm_id: int | None = None, **columns: Any) -> models.IntakeItem:
    n = crm_id or factories.number()
    texts = {"explanation": "", "subject": f"Vendita {n}", "description": ""}
    row = {"crm_activity_id": n, "status": status, "reason": reason, "created_at": NOW}
    return models.IntakeItem(**{**row, **texts, **columns})


async def test_recognised(figure, behind, work):
    made, before = at("2026-11-10 09:00"), {"created_at": at("2026-11-05 09:00")}
    tickets = await work.tickets({}, {}, {}, {}, {})
    a, b, c, entered, late = sources = [sale(ticket, "2026-11-02 09:00") for ticket in tickets]
    for source in sources:
        source.created_at = made
    late.created_at = at("2026-12-01 09:00")
    await save(
        *sources,
        waiting(
            "WAITING", "SALE_CHANGED", b.crm_id, created_at=at("2026-11-12 09:00"), ticket_id=b.ticket_id
        ),
        waiting("RESOLVED", "NO_KIT", c.crm_id, ticket_id=c.ticket_id, **before),
        waiting("WAITING", "AMBIGUOUS_KIT", **before),
        waiting("DISMISSED", "NEGATED", **before),
    )
    await effects({"kind": "CREATE_SALE", "crm_id": entered.crm_id, **finished("CREATED")}, attention=0)

    asked = await figure("RECOGNISED")
    population = await behind(asked["measure"])

    assert (asked["measure"]["value"], asked["measure"]["count"]) == ("0.4000", 5)
    assert left_out(asked) == {"DISMISSED": 1}
    counted = {edge["node"]["id"] for edge in population["edges"] if edge["counts"]}
    assert counted == {a.ticket_id, b.ticket_id}


async def test_inbox(figure, behind, ask, db):
    await save(
        waiting("WAITING", "NO_KIT"),
        waiting("WAITING", "NO_KIT"),
        waiting("WAITING", "AMBIGUOUS_KIT"),
        waiting("RESOLVED", "NO_KIT"),
        waiting("DISMISSED", "NO_KIT"),
    )

    measure = (await figure("INBOX"))["measure"]
    by_reason = await ask(
        "{ kpis(lastDays: 1, figures: [{key: INBOX}]) { figures { groups(by: REASON) { key measure { value } } } } }"
    )

    assert measure["value"] == "3"
    groups = by_reason["kpis"]["figures"][0]["groups"]
    assert [(one["key"], one["measure"]["value"]) for one in groups] == [
        ("NO_KIT", "2"),
        ("AMBIGUOUS_KIT", "1"),
    ]
    assert (await behind(measure, order="DUE_ON_ASC"))["totalCount"] == 3


async def effects(*items: dict, attention: int) -> None:
    action = models.Action(
        kind="SYNC_OPPORTUNITIES",
        status="RUNNING",
        item_count=len(items),
        attention_count=attention,
        created_at=NOW,
    )
    await save(
        action,
        *(
            models.ActionItem(
                action_id=action.id,
                position=n,
                lane="",
                key=str(factories.number()),
                reference="",
                label="Formazione",
                next_try_at=NOW,
                created_at=NOW,
                **{"kind": "CREATE_OPPORTUNITY", **one},
            )
            for n, one in enumerate(items, 1)
        ),
    )


def finished(outcome: str) -> dict:
    return {"state": "FINISHED", "outcome": outcome}


async def test_crm_pending(figure, db):
    still_open = [
        {"state": state, "open_key": f"key-{n}"} for n, state in enumerate(("PENDING", "PENDING", "SENDING"))
    ]
    await effects(*still_open, finished("CREATED"), finished("FAILED"), attention=1)

    assert (await figure("CRM_PENDING"))["measure"]["value"] == "3"


async def test_crm_attention(figure, behind, db):
    pending = {"state": "PENDING", "open_key": "key"}
    await effects(finished("FAILED"), finished("NEEDS_ATTENTION"), finished("CREATED"), pending, attention=2)
    await effects(finished("FAILED"), attention=0)

    measure = (await figure("CRM_ATTENTION"))["measure"]

    assert measure["value"] == "2"
    assert len((await behind(measure))["edges"]) == 2
