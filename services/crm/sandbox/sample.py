"""The sample data, from the file next to this module."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.crm.sandbox.resources import RESOURCES
from services.crm.sandbox.tenant import Tenant
from services.crm.sandbox.values import zulu

_FILE = Path(__file__).with_name("sample.yaml")


@cache
def sample_records() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Per resource, its records in an order in which no reference points forward."""
    records: dict[str, list[dict[str, Any]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return records


def plant_sample(tenant: Tenant, *, now: datetime, author: int) -> None:
    """Put the sample data into an empty store, under the ids that the file gives them."""
    for resource_name, records in sample_records().items():
        for record in records:
            body = {name: value for name, value in record.items() if name != "days_ago"} | _dates(record, now)
            tenant.create(RESOURCES[resource_name], body, author=author, record_id=record["id"])


def _dates(record: Mapping[str, Any], now: datetime) -> dict[str, str]:
    if "days_ago" not in record:
        return {}
    day = now - timedelta(days=record["days_ago"])
    begins = day.replace(hour=9, minute=30, second=0, microsecond=0)
    return {
        "createdDate": zulu(begins),
        "activityDate": zulu(begins),
        "activityEndDate": zulu(begins + timedelta(hours=1)),
    }
