"""The fields that lead to the CRM's own pages."""

from typing import Any

from strawberry.types import Info

from resolvers.context import Context
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.sources import computed
from services.crm.pages import CrmPages

NULL_UNLESS = "null unless the address of such pages is configured"


def company_page() -> Any:
    return computed(_company, f"Its page in the CRM; {NULL_UNLESS}.")


def opportunity_page() -> Any:
    return computed(_opportunity, f"Its page in the CRM; {NULL_UNLESS}.")


def activity_page() -> Any:
    return computed(_activity, f"Its page in the CRM; {NULL_UNLESS}.")


def sale_page() -> Any:
    return computed(_sale, f"The activity's page in the CRM; {NULL_UNLESS}.")


def item_page() -> Any:
    return computed(_item, f"The page of its record in the CRM; null while there is none, and {NULL_UNLESS}.")


def effect_page() -> Any:
    """The page of what is no row, but has the attributes `kind` and `crm_id`."""

    async def read(effect: Any, info: Info[Context, Any], _arguments: Arguments) -> str | None:
        return info.context.crm_pages.effect_url(effect.kind, effect.crm_id)

    return read_field(f"The page of its record in the CRM; null if there is none, and {NULL_UNLESS}.", read)


def _company(crm_id: int, crm_pages: CrmPages) -> str | None:
    return crm_pages.company_url(crm_id)


def _opportunity(crm_id: int, crm_pages: CrmPages) -> str | None:
    return crm_pages.opportunity_url(crm_id)


def _activity(crm_id: int, crm_pages: CrmPages) -> str | None:
    return crm_pages.activity_url(crm_id)


def _sale(crm_activity_id: int, crm_pages: CrmPages) -> str | None:
    return crm_pages.activity_url(crm_activity_id)


def _item(kind: str, crm_id: int | None, crm_pages: CrmPages) -> str | None:
    return crm_pages.effect_url(kind, crm_id)
