"""One sale, and everything that the CRM has to hold once it is delivered."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from tests.support.crm_store import Rows, foreseeable, new_records, read_store
from tests.support.story import BREMBATE, COMPLETED, GIULIA_IN_THE_CRM, Desk

ROME = ZoneInfo("Europe/Rome")
SALE = "Officine Brembate: venduto lo START-office  training!"
COMPANY = "Officine Meccaniche Brembate S.r.l."
PARENT = "TCK-SOT-6001-00"

# One line = one opportunity: code, service, its name, price x quantity, and each milestone of its child ticket with
# the number of working days after which it is due.
LINES = [
    (
        "TCK-SOT-6001-01",
        "SOT",
        "Start Office Training",
        2800,
        [
            ("Bilancio delle competenze", 12),
            ("Piano di sviluppo delle persone", 24),
            ("Percorsi in affiancamento", 89),
            ("Finanziamento della formazione", 54),
            ("Efficacia della formazione", 104),
        ],
    ),
    (
        "TCK-F40-6001-02",
        "F40",
        "Formazione 4.0",
        7000,
        [
            ("Analisi dei fabbisogni formativi", 12),
            ("Progettazione del piano formativo", 24),
            ("Erogazione dei corsi", 84),
            ("Costi del personale in formazione", 44),
            ("Relazione finale e certificazione contabile", 109),
        ],
    ),
    (
        "TCK-BND-6001-03",
        "BND",
        "Bandi",
        2400,
        [
            ("Scouting delle misure", 10),
            ("Verifica di ammissibilità", 20),
            ("Predisposizione della domanda", 38),
            ("Invio della domanda", 43),
            ("Istruttoria e concessione", 103),
            ("Rendicontazione delle spese", 143),
        ],
    ),
]
CODES = [code for code, *_ in LINES]
REFERENCES = [f"{code}:{place}" for code, *_, steps in LINES for place in range(1, len(steps) + 1)]


def starts_on(desk: Desk, parent: str) -> date:
    """The one day that everything was made on; a story played across midnight would have two."""
    tree = desk.tree(parent)
    (day,) = {ticket["startsOn"] for ticket in (tree, *tree["children"])}
    return date.fromisoformat(day)


def assert_the_crm_holds_what_was_sold(store: Path, before: Rows, day: date) -> None:
    after = read_store(store)
    opportunities = new_records("opportunity", before=before, after=after)
    sale, *activities = new_records("activity", before=before, after=after)
    ids = {one["code"]: one["id"] for one in opportunities}

    assert [foreseeable(one) for one in opportunities] == [
        expected_opportunity(sale["id"], *line) for line in LINES
    ]
    assert (sale["subject"], sale["state"]) == (SALE, 1)
    assert [foreseeable(one) for one in activities] == [
        expected_activity(code, name, place, title, due_after(day, days), ids[code])
        for code, _, name, _, steps in LINES
        for place, (title, days) in enumerate(steps, start=1)
    ]
    others = [table for table in before if table not in ("opportunity", "activity")]
    assert {table: after[table] for table in others} == {table: before[table] for table in others}


def expected_opportunity(
    sale_id: int, code: str, service: str, name: str, amount: int, steps: object
) -> dict[str, Any]:
    return {
        "code": code,
        "title": f"[IH:{code}] [{service}] {name} · {COMPANY}",
        "description": f"[IH:activity:{sale_id}]\nRiga {int(code[-2:])} del ticket {PARENT}",
        "amount": amount,
        "budget": 0,
        "crossId": BREMBATE,
        "crossType": 0,
        "crossName": COMPANY,
        "phase": 53001,
        "status": 1,
        "probability": 0,
        "ownerId": GIULIA_IN_THE_CRM,
        "createdById": 2001,
        "lastModifiedById": 2001,
    }


def expected_activity(
    code: str, name: str, place: int, title: str, due_on: date, opportunity_id: int
) -> dict[str, Any]:
    noon = datetime.combine(due_on, time(12), ROME).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "subject": f"[IH:{code}:{place}] {title}",
        "description": f"[IH:{code}:{place}]\nMilestone {place} del ticket {code}\n{name} · {COMPANY}",
        "companyId": BREMBATE,
        "opportunityId": opportunity_id,
        "ownerId": GIULIA_IN_THE_CRM,
        "subTypeId": 63706,
        "type": 7,
        "state": COMPLETED,
        "activityDate": noon,
        "activityEndDate": noon,
        "allDay": True,
        "commercial": False,
        "duration": 0,
        "priority": 0,
        "toDo": 0,
        "createdById": 2001,
        "lastModifiedById": 2001,
    }


def due_after(day: date, working_days: int) -> date:
    """The n-th working day after a day, counted on an Italian calendar."""
    free = holidays.country_holidays("IT")
    while working_days:
        day += timedelta(days=1)
        working_days -= day.weekday() < 5 and day not in free
    return day
