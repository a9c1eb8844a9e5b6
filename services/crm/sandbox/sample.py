"""The sample data, from the file that lies beside this module."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from services.crm.sandbox.resources import RESOURCES
from services.crm.sandbox.tenant import Tenant
from services.crm.sandbox.values import zulu

_FILE = Path(__file__).with_name("sample.yaml")


def sample_records() -> Mapping[str, list[dict[str, Any]]]:
    """Per resource, its records in an order in which no reference points forward."""
    records: dict[str, list[dict[str, Any]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return records


def plant_sample(tenant: Tenant, *, now: datetime, author: int) -> None:
    """Put the sample data into an empty store, under the ids that the file gives them."""
    for resource_name, records in sample_records().items():
        for record in records:
            record_id, days_ago = record.pop("id"), record.pop("days_ago", None)
            dates = {} if days_ago is None else _dates(now - timedelta(days=days_ago))
            tenant.create(RESOURCES[resource_name], {**dates, **record}, author=author, record_id=record_id)


def _dates(day: datetime) -> dict[str, str]:
    begins = day.replace(hour=9, minute=30, second=0, microsecond=0)
    return {
        "createdDate": zulu(begins),
        "activityDate": zulu(begins),
        "activityEndDate": zulu(begins + timedelta(hours=1)),
    }
