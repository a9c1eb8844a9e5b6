"""The fields that lead to the CRM's own pages."""

from typing import Any

from strawberry.types import Info

from resolvers.context import Context
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.sources import expression
from services.tickets.page_fields import page_of, page_of_item

NULL_UNLESS = "null unless the address of such pages is configured"


def company_page() -> Any:
    return expression(page_of("company"), f"Its page in the CRM; {NULL_UNLESS}.")


def opportunity_page() -> Any:
    return expression(page_of("opportunity"), f"Its page in the CRM; {NULL_UNLESS}.")


def activity_page() -> Any:
    return expression(page_of("activity"), f"Its page in the CRM; {NULL_UNLESS}.")


def sale_page() -> Any:
    return expression(
        page_of("activity", "crm_activity_id"), f"The activity's page in the CRM; {NULL_UNLESS}."
    )


def item_page() -> Any:
    return expression(
        page_of_item, f"The page of its record in the CRM; null while there is none, and {NULL_UNLESS}."
    )


def effect_page() -> Any:
    """The page of what is no row, but has the attributes `kind` and `crm_id`."""

    async def read(effect: Any, info: Info[Context, Any], _arguments: Arguments) -> str | None:
        return info.context.crm_pages.effect_url(effect.kind, effect.crm_id)

    return read_field(f"The page of its record in the CRM; null if there is none, and {NULL_UNLESS}.", read)
