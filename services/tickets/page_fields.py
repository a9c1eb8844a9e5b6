"""The CRM's own pages of our rows, as expressions: null where the address of such pages is not configured."""

from services.crm.pages import ID, RECORDS
from services.reads.plan import Expression


def page_of(record: str, column: str = "crm_id") -> Expression:
    """Return the page of a record whose id is in a column."""
    return _with_id(_address(record), column)


def _with_id(address: str, column: str) -> Expression:
    return Expression(f"REPLACE({address}, '{ID}', CAST({{row}}.{column} AS TEXT))", str)


def _address(record: str) -> str:
    # PostgreSQL asks of what type a value is, null too.
    return f"CAST({{crm_pages.{record}}} AS TEXT)"


def _address_by_kind() -> str:
    cases = (f"WHEN '{kind}' THEN {_address(record)}" for kind, record in RECORDS.items())
    return f"CASE {{row}}.kind {' '.join(cases)} END"


page_of_item = _with_id(_address_by_kind(), "crm_id")
