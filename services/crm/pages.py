"""Where people see a record in the CRM, in their browsers."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.vocabulary import EffectKind, ItemKind

ID = "{id}"
"""Stands in the address of a page for the record's id."""


@dataclass(frozen=True, slots=True)
class CrmPages:
    """The address of the page of each kind of record, with `{id}` in it; None where none is configured."""

    company: str | None = None
    opportunity: str | None = None
    activity: str | None = None

    def effect_url(self, kind: str, crm_id: int | None) -> str | None:
        """Return the page of the record that an effect of this kind is about, or that a comparison found.

        >>> CrmPages(activity="https://crm.example/#/activity/{id}").effect_url(ItemKind.CREATE_ACTIVITY, 408101)
        'https://crm.example/#/activity/408101'
        """
        record = RECORDS.get(kind)
        address = getattr(self, record) if record else None
        return None if address is None or crm_id is None else address.replace(ID, str(crm_id))


NO_PAGES = CrmPages()

RECORDS: Mapping[str, str] = {
    ItemKind.CREATE_SALE: "activity",
    ItemKind.CREATE_OPPORTUNITY: "opportunity",
    ItemKind.RECREATE_OPPORTUNITY: "opportunity",
    ItemKind.REPAIR_OPPORTUNITY: "opportunity",
    ItemKind.SYNC_OPPORTUNITY: "opportunity",
    ItemKind.CREATE_ACTIVITY: "activity",
    ItemKind.UPDATE_ACTIVITY: "activity",
    EffectKind.SALE: "activity",
    EffectKind.OPPORTUNITY: "opportunity",
    EffectKind.ACTIVITY: "activity",
}
"""The kind of record that an item's CRM id belongs to. Others have none, or one of no certain kind."""
