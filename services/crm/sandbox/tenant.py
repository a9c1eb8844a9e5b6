"""The records of one CRM customer and the rules that guard them (§2).

Every method expects to run inside a transaction of the store, so that a refusal leaves nothing behind.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.crm.sandbox.answers import ApiError, Duplicate, MissingRecord
from services.crm.sandbox.queries import Query
from services.crm.sandbox.resources import (
    ACTIVITY,
    COMPANY,
    OPPORTUNITY,
    OPPORTUNITY_PHASE,
    RESOURCES,
    Kind,
    Property,
    Resource,
)
from services.crm.sandbox.store import Store, StoredRecord
from services.crm.sandbox.switches import Switches
from services.crm.sandbox.values import stored_value, without_zone, zulu

_KEPT_BY_THE_SERVER = frozenset({"id", "lastModifiedDate", "lastModifiedById"})
_CROSS_COMPANY = 0


class Tenant:
    """Create, read, change and delete records as the switches of the moment have it."""

    def __init__(
        self, store: Store, *, clock: Callable[[], datetime], switches: Callable[[], Switches]
    ) -> None:
        self._store = store
        self._clock = clock
        self._switches = switches

    def create(
        self, resource: Resource, sent: Mapping[str, Any], *, author: int, record_id: int | None = None
    ) -> int:
        """Insert a record with the defaults of a new one, and return its id: the next one unless it is given."""
        at = self._clock()
        stamps = {"createdDate": zulu(at), "createdById": author}
        body = {**resource.template, **stamps, **self._read_body(resource, sent)}
        self._check_required(resource, body)
        self._check_duplicates(resource, body, except_id=None)
        return self._store.insert_record(
            resource.table,
            _stamped(body, at, author),
            at=_row_time(at),
            visible_at=self._visible(at),
            record_id=record_id,
        )

    def update(self, resource: Resource, record_id: int, sent: Mapping[str, Any], *, author: int) -> int:
        """Merge what was sent into a record: what was not sent stays as it is (§2.0)."""
        record = self._living_record(resource, record_id)
        at = self._clock()
        body = {**record.body, **self._read_body(resource, sent)}
        self._check_duplicates(resource, body, except_id=record_id)
        self._store.rewrite_record(
            resource.table,
            record,
            _stamped(body, at, author),
            at=_row_time(at),
            visible_at=self._visible(at),
        )
        return record_id

    def delete(self, resource: Resource, record_id: int) -> None:
        """Remove a record; a soft delete keeps it readable by id and hides it from lists (§7)."""
        record = self._living_record(resource, record_id)
        if self._switches().deletes == "soft":
            self._store.mark_deleted(resource.table, record.id, at=_row_time(self._clock()))
        else:
            self._store.erase_record(resource.table, record.id)

    def merge(self, resource: Resource, record_id: int, survivor_id: int) -> None:
        """Merge a record into another one (§2.0)."""
        self._living_record(resource, survivor_id)
        self._store.erase_record(resource.table, self._living_record(resource, record_id).id)
        self._store.save_merger(resource.table, record_id, survivor_id)
        if resource is COMPANY:
            self._give_to_survivor(OPPORTUNITY, "crossId", record_id, survivor_id)
            self._give_to_survivor(ACTIVITY, "companyId", record_id, survivor_id)

    def _give_to_survivor(self, resource: Resource, name: str, record_id: int, survivor_id: int) -> None:
        """What belongs to a merged company belongs to the survivor (I)."""
        now = _row_time(self._clock())
        for row in self._store.list_records(resource.table):
            of_a_company = row.body.get("crossType", _CROSS_COMPANY) == _CROSS_COMPANY
            if of_a_company and row.body.get(name) == record_id:
                body = {**row.body, name: survivor_id}
                self._store.rewrite_record(resource.table, row, body, at=now, visible_at=now)

    def get(self, resource: Resource, record_id: int) -> dict[str, Any]:
        """One record, in its newest state, whatever the search index has seen of it."""
        survivor_id = self._store.find_survivor(resource.table, record_id)
        if survivor_id is not None and self._switches().merged_ids == "survivor":
            return self.get(resource, survivor_id)
        return self.rendered(resource, self._record(resource, record_id).body)

    def exists(self, resource: Resource, record_id: int) -> bool:
        record = self._store.find_record(resource.table, record_id)
        return record is not None and record.deleted_at is None

    def list_ids(self, resource: Resource, query: Query) -> list[int]:
        """Return the ids of a plain list, which reads the table itself and never lags."""
        present = [row.body for row in self._store.list_records(resource.table) if row.deleted_at is None]
        return [record["id"] for record in query.select(present)]

    def search(self, resource: Resource, query: Query) -> list[dict[str, Any]]:
        """The records that the search index shows, which may be behind (§5)."""
        now = _row_time(self._clock())
        shown = [row.shown_at(now) for row in self._store.list_records(resource.table)]
        return [
            self.rendered(resource, body)
            for body in query.select([body for body in shown if body is not None])
        ]

    def rendered(self, resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
        """A record as it is answered: every property, dates as the server writes them (§3)."""
        complete = {**dict.fromkeys(resource.by_name), **body}
        if self._switches().answered_dates == "zulu":
            return complete
        for prop in resource.properties:
            if prop.kind is Kind.DATE and complete[prop.name] is not None:
                complete[prop.name] = without_zone(complete[prop.name], self._switches().zone)
        return complete

    def _record(self, resource: Resource, record_id: int) -> StoredRecord:
        record = self._store.find_record(resource.table, record_id)
        if record is None:
            with_message = self._switches().missing_record_body == "message"
            raise MissingRecord(resource.name, record_id, with_message=with_message)
        return record

    def _living_record(self, resource: Resource, record_id: int) -> StoredRecord:
        record = self._record(resource, record_id)
        if record.deleted_at is not None:
            raise ApiError(404, f"{resource.name} {record_id} was deleted.")
        return record

    def _read_body(self, resource: Resource, sent: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for name, value in sent.items():
            prop = resource.bind(name)
            if prop is None:
                self._meet_unknown_property(resource, name)
            elif prop.name not in _KEPT_BY_THE_SERVER:
                body[prop.name] = self._read_value(prop, value)
        if resource is OPPORTUNITY:
            self._read_opportunity(body)
        return body

    def _meet_unknown_property(self, resource: Resource, name: str) -> None:
        if self._switches().unknown_properties == "refused":
            raise ApiError(400, f"{resource.name} has no property '{name}'.")

    def _read_value(self, prop: Property, sent: Any) -> Any:
        if prop.refers_to == OPPORTUNITY_PHASE.name and isinstance(sent, str) and not sent.strip().isdigit():
            return self._phase_described(sent)
        value = stored_value(prop, sent, self._switches().zone)
        if prop.refers_to is not None and value not in (None, 0):
            self._check_reference(prop.name, RESOURCES[prop.refers_to], value)
        return value

    def _phase_described(self, description: str) -> int:
        """A phase may be sent by its description instead of its id (§2.3)."""
        for row in self._store.list_records(OPPORTUNITY_PHASE.table):
            if row.deleted_at is None and row.body.get("description") == description:
                return row.id
        raise ApiError(400, f"There is no opportunity phase '{description}'.")

    def _read_opportunity(self, body: dict[str, Any]) -> None:
        if body.get("code") and self._switches().opportunity_code == "refused":
            raise ApiError(400, "The property 'code' of Opportunity cannot be written.")
        if self._switches().opportunity_code == "dropped":
            body.pop("code", None)
        if body.get("crossId") and body.get("crossType", _CROSS_COMPANY) == _CROSS_COMPANY:
            company = self._check_reference("crossId", COMPANY, body["crossId"])
            body["crossName"] = company.body["companyName"] if company else None

    def _check_reference(self, name: str, resource: Resource, record_id: int) -> StoredRecord | None:
        record = self._store.find_record(resource.table, record_id)
        if record is None and self._switches().unknown_references == "refused":
            raise ApiError(400, f"'{name}' names {resource.name} {record_id}, which does not exist.")
        return record

    def _check_required(self, resource: Resource, body: Mapping[str, Any]) -> None:
        if self._switches().required_fields == "accepted":
            return
        for name in resource.required:
            if body.get(name) in (None, ""):
                raise ApiError(400, f"'{name}' is required.")

    def _check_duplicates(
        self, resource: Resource, body: Mapping[str, Any], *, except_id: int | None
    ) -> None:
        unique = _UNIQUE.get(resource.name)
        if unique is None:
            return
        name, switch = unique
        if not body.get(name) or getattr(self._switches(), switch) == "accepted":
            return
        if self._store.is_taken(resource.table, name, body[name], except_id=except_id):
            raise Duplicate(resource.name, name, status=self._switches().duplicate_status)

    def _visible(self, at: datetime) -> str:
        return _row_time(at + timedelta(seconds=self._switches().search_lag_seconds))


_UNIQUE = {
    "Company": ("vatId", "company_vat_duplicates"),
    "Opportunity": ("code", "opportunity_code_duplicates"),
    "Catalog": ("code", "catalog_code_duplicates"),
}


def _stamped(body: Mapping[str, Any], at: datetime, author: int) -> dict[str, Any]:
    stamped = {**body, "lastModifiedDate": zulu(at), "lastModifiedById": author}
    stamped.pop("id", None)
    return stamped


def _row_time(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
