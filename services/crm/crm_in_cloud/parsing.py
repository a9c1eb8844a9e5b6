"""From the JSON of CRM in Cloud to our records: pure, and tolerant of every shape that was ever seen.

References and enumerations come as numbers, digits, names or objects; dates come with and without a zone. What cannot
be read becomes None or "", except an id: a row without an id is not a record. Characters in texts that no database
can hold are replaced here, and a company's fields are fitted to their columns.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from services.crm.crm_in_cloud.responses import whole
from services.crm.records import ActivityRecord, CompanyRecord, OpportunityRecord, UserRecord
from services.texts import is_blank, shortened, storable
from services.vocabulary import CompanyDefect, OpportunityStatus

COMPANY_NAME_LENGTH = 280
"""Leaves room for the name of the sold product in a title of 500."""

VAT_NUMBER_LENGTH = 32

Row = Mapping[str, object]

_COMPANY = (0, None)
"""The `crossType` of an opportunity that belongs to a company. Older clients leave it out."""

_STATUSES = {1: OpportunityStatus.OPEN, 3: OpportunityStatus.WON, 4: OpportunityStatus.LOST}


class Unreadable(Exception):
    """The answer is JSON, but not what was asked for."""


def listed(body: object) -> list[object]:
    """Return the elements of a list, bare or wrapped.

    >>> [listed(body) for body in ([1, 2], {"value": [3]}, {"data": []}, {"items": [4]})]
    [[1, 2], [3], [], [4]]
    """
    if isinstance(body, dict):
        body = next((body[key] for key in ("value", "data", "items") if key in body), None)
    if not isinstance(body, list):
        raise Unreadable("it is not a list")
    return body


def row_of(body: object) -> Row:
    if not isinstance(body, dict) or whole(body.get("id")) is None:
        raise Unreadable("it is not a record with an id")
    return body


def id_of(element: object) -> int:
    """Return the id of a list's element, which is a record or a bare id."""
    number = whole(element)
    if number is None:
        raise Unreadable("an element has no id")
    return number


def opportunity_of(row: Row, *, zone: ZoneInfo) -> OpportunityRecord:
    belongs_to_company = _cross_type(row.get("crossType")) in _COMPANY
    return OpportunityRecord(
        id=id_of(row),
        code=text(row.get("code")),
        title=text(row.get("title")),
        description=text(row.get("description")),
        company_id=whole(row.get("crossId")) if belongs_to_company else None,
        amount=amount(row.get("amount")),
        phase_id=whole(row.get("phase")),
        phase=_words(row.get("phase")),
        status=_STATUSES.get(whole(row.get("status")) or 0, OpportunityStatus.UNKNOWN),
        owner_id=whole(row.get("ownerId")),
        product_ids=_product_ids(row["products"]) if "products" in row else None,
        created_at=instant(row.get("createdDate"), zone=zone),
        closed_at=instant(row.get("closeDate"), zone=zone),
        modified_at=instant(row.get("lastModifiedDate"), zone=zone),
    )


def activity_of(row: Row, *, zone: ZoneInfo, completed_state: int) -> ActivityRecord:
    state = whole(row.get("state"))
    return ActivityRecord(
        id=id_of(row),
        subject=text(row.get("subject")),
        description=text(row.get("description")),
        sub_type_id=whole(row.get("subTypeId")),
        company_id=whole(row.get("companyId")),
        opportunity_id=whole(row.get("opportunityId")),
        owner_id=whole(row.get("ownerId")),
        state=state,
        completed=state == completed_state,
        starts_at=instant(row.get("activityDate"), zone=zone),
        created_at=instant(row.get("createdDate"), zone=zone),
        modified_at=instant(row.get("lastModifiedDate"), zone=zone),
    )


def company_of(row: Row) -> CompanyRecord:
    """Return the company, named by its id if its name has no visible character. A text that is no VAT number is left
    out.

    >>> company = company_of({"id": 7, "companyName": "\\u200b", "vatId": "da chiedere al commercialista, richiamare"})
    >>> company.name, company.vat_number, [defect.value for defect in company.defects]
    ('#7', '', ['NAME_MISSING', 'VAT_NUMBER_TOO_LONG'])
    """
    number = id_of(row)
    name = text(row.get("companyName")) or text(row.get("name"))
    vat_number = text(row.get("vatId")).strip()
    defects = {
        CompanyDefect.NAME_MISSING: is_blank(name),
        CompanyDefect.NAME_TOO_LONG: len(name) > COMPANY_NAME_LENGTH,
        CompanyDefect.VAT_NUMBER_TOO_LONG: len(vat_number) > VAT_NUMBER_LENGTH,
    }
    return CompanyRecord(
        id=number,
        name=f"#{number}" if is_blank(name) else shortened(name, COMPANY_NAME_LENGTH),
        vat_number="" if defects[CompanyDefect.VAT_NUMBER_TOO_LONG] else vat_number,
        defects=tuple(defect for defect, is_there in defects.items() if is_there),
    )


def user_of(body: object) -> UserRecord:
    """Return the user in the answer of `Auth/Me`, whose shape is not documented."""
    if not isinstance(body, dict):
        raise Unreadable("it is not a user")
    said = {str(key).lower(): value for key, value in body.items()}
    number = whole(said.get("id")) or whole(said.get("userid"))
    if number is None:
        raise Unreadable("the user has no id")
    names = (text(said.get(key)) for key in ("name", "fullname", "username", "account"))
    return UserRecord(id=number, name=next(filter(None, names), ""))


def text(value: object) -> str:
    """
    >>> [text(value) for value in ("a", 12345678901, {"id": 3, "description": "Vinta"}, None, ["a"])]
    ['a', '12345678901', 'Vinta', '', '']
    """
    return storable(_text(value))


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return ""
        case int() | Decimal():
            return str(value)
        case {"description": str(words)} | {"name": str(words)} | {"value": str(words)}:
            return words
        case _:
            return ""


def amount(value: object) -> Decimal | None:
    """
    >>> [amount(value) for value in (1200, "1200.50", Decimal("0.1"), "molto", None, True)]
    [Decimal('1200'), Decimal('1200.50'), Decimal('0.1'), None, None, None]
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def instant(value: object, *, zone: ZoneInfo) -> datetime | None:
    """Return the instant that a date of the CRM means, in UTC. Without a zone it is in the tenant's zone.

    When the clocks go back, such a date means two instants. The later one is taken: a change that seems older than it
    is would be skipped for ever.

    >>> rome = ZoneInfo("Europe/Rome")
    >>> for written in ("2026-12-21T09:00:00", "2026-12-21 9:05:00", "2026-12-21T08:00:00.1234567Z"):
    ...     print(instant(written, zone=rome))
    2026-12-21 08:00:00+00:00
    2026-12-21 08:05:00+00:00
    2026-12-21 08:00:00.123456+00:00
    >>> print(instant("2026-10-25T02:30:00", zone=rome))
    2026-10-25 01:30:00+00:00
    >>> instant("0001-01-01T00:00:00", zone=rome) is None
    True
    """
    written = _date(value)
    # .NET writes the years 1 and 9999 for a date that was never set.
    if written is None or not 1900 <= written.year < 9999:
        return None
    return written.astimezone(UTC) if written.tzinfo else max(_readings(written, zone))


def before_repeated_hour(moment: datetime, *, zone: ZoneInfo) -> datetime:
    """Return the moment, or one before the repeated hour that contains it: a CRM may compare dates by local time.

    >>> rome = ZoneInfo("Europe/Rome")
    >>> for hour in (0, 3):
    ...     print(before_repeated_hour(datetime(2026, 10, 25, hour, 50, tzinfo=UTC), zone=rome))
    2026-10-24 23:50:00+00:00
    2026-10-25 03:50:00+00:00
    """
    first, second = _readings(moment.astimezone(zone).replace(tzinfo=None), zone)
    return moment - max(second - first, timedelta(0))


def _readings(written: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the two instants at which a clock shows this time; nearly always they are the same."""
    first, second = (written.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def is_zoned(value: object) -> bool:
    """Whether a date names its own zone."""
    written = _date(value)
    return written is not None and written.tzinfo is not None


def _date(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        pass
    try:
        return datetime.strptime(value.strip(), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the caller knows the zone
    except ValueError:
        return None


def _words(value: object) -> str:
    words = text(value)
    return "" if whole(words) is not None else words


def _cross_type(value: object) -> object:
    number = whole(value)
    return number if number is not None or value in (None, "") else text(value)


def _product_ids(products: object) -> tuple[int, ...]:
    rows = products if isinstance(products, list) else []
    numbers = (whole(row.get("productId")) for row in rows if isinstance(row, dict))
    return tuple(number for number in numbers if number is not None)
