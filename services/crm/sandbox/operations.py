"""What each kind of call does (§1, §2.0)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.crm.sandbox.access import Access, Caller
from services.crm.sandbox.answers import Answer, ApiError
from services.crm.sandbox.paths import Route
from services.crm.sandbox.queries import read_count, read_id_search, read_list, read_search
from services.crm.sandbox.resources import Kind, Property, Resource
from services.crm.sandbox.switches import Switches
from services.crm.sandbox.tenant import Tenant

_JSON_TYPES = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date-time"},
    Kind.LIST: {"type": "array"},
}


@dataclass(frozen=True)
class Call:
    """A call that was understood: `action` says what it does, whatever the spelling of its path."""

    action: str
    resource: Resource | None
    record_id: int
    parameters: Mapping[str, str]
    body: Mapping[str, Any]


def read_call(route: Route, parameters: Mapping[str, str], body: Mapping[str, Any]) -> Call:
    """Decide what a call does: an upsert is an update exactly when its body has an id (§2.0)."""
    record_id = route.record_id or 0
    if route.action != "upsert":
        return Call(route.action, route.resource, record_id, parameters, body)
    record_id = _id_in(body)
    return Call("update" if record_id else "create", route.resource, record_id, parameters, body)


def _id_in(body: Mapping[str, Any]) -> int:
    given = next((value for name, value in body.items() if name.casefold() == "id"), None)
    if given is None:
        return 0
    if isinstance(given, bool) or not str(given).isdecimal() or len(str(given)) > 18:
        raise ApiError(400, "The value of 'id' is not a valid integer.")
    return int(given)


class Operations:
    """Perform calls against the records of the tenant; the caller holds the transaction."""

    def __init__(self, tenant: Tenant, access: Access, switches: Callable[[], Switches]) -> None:
        self._tenant = tenant
        self._access = access
        self._switches = switches
        self._on_resource: Mapping[str, Callable[[Call, Resource, Caller], Answer]] = {
            "list": self._list,
            "get": self._get,
            "exists": self._exists,
            "count": self._count,
            "search": self._search,
            "search_ids": self._search_ids,
            "template": self._template,
            "schema": self._schema,
            "create": self._create,
            "update": self._update,
            "delete": self._delete,
        }

    def perform(self, call: Call, caller: Caller) -> Answer:
        """Perform the call, or raise the ApiError that is its answer."""
        if call.resource is not None:
            return self._on_resource[call.action](call, call.resource, caller)
        if call.action == "login":
            return self._access.log_in(call.body)
        return self._access.describe_caller(caller)

    def _list(self, call: Call, resource: Resource, _: Caller) -> Answer:
        return Answer(self._tenant.list_ids(resource, read_list(resource, call.parameters, self._switches())))

    def _get(self, call: Call, resource: Resource, _: Caller) -> Answer:
        return Answer(self._tenant.get(resource, call.record_id))

    def _exists(self, call: Call, resource: Resource, _: Caller) -> Answer:
        return Answer(self._tenant.exists(resource, call.record_id))

    def _count(self, call: Call, resource: Resource, _: Caller) -> Answer:
        query = read_count(resource, call.parameters, self._switches())
        return Answer(len(self._tenant.search(resource, query)))

    def _search(self, call: Call, resource: Resource, _: Caller) -> Answer:
        switches = self._switches()
        found = self._tenant.search(resource, read_search(resource, call.parameters, switches))
        return Answer([_shown(record, resource, switches) for record in found])

    def _search_ids(self, call: Call, resource: Resource, _: Caller) -> Answer:
        query = read_id_search(resource, call.parameters, self._switches())
        return Answer([record["id"] for record in self._tenant.search(resource, query)])

    def _template(self, _: Call, resource: Resource, __: Caller) -> Answer:
        return Answer(self._tenant.rendered(resource, {**resource.template, "id": 0}))

    def _schema(self, _: Call, resource: Resource, __: Caller) -> Answer:
        properties = {prop.name: _JSON_TYPES[prop.kind] for prop in resource.properties}
        return Answer({"title": f"{resource.name}DTO", "type": "object", "properties": properties})

    def _create(self, call: Call, resource: Resource, caller: Caller) -> Answer:
        record_id = self._tenant.create(resource, call.body, author=caller.user_id)
        return Answer(record_id, effect=f"created {resource.table} {record_id}")

    def _update(self, call: Call, resource: Resource, caller: Caller) -> Answer:
        record_id = self._tenant.update(resource, call.record_id, call.body, author=caller.user_id)
        return Answer(record_id, effect=f"updated {resource.table} {record_id}")

    def _delete(self, call: Call, resource: Resource, _: Caller) -> Answer:
        self._tenant.delete(resource, call.record_id)
        return Answer(payload=True, effect=f"deleted {resource.table} {call.record_id}")


def _shown(record: Mapping[str, Any], resource: Resource, switches: Switches) -> object:
    """What a search shows of a record (§7.1)."""
    if switches.search_rows == "ids":
        return record["id"]
    if switches.search_rows == "whole":
        return record
    return {prop.name: record[prop.name] for prop in resource.properties if _is_slim(prop, resource)}


def _is_slim(prop: Property, resource: Resource) -> bool:
    return prop.kind is Kind.INTEGER or prop.name in resource.required
