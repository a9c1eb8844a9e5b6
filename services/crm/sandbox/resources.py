"""The business objects of the CRM: their names, properties and first ids (§2.1 to §2.8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

FREE_FIELD_PREFIX = "FF_"

_SEARCHABLE_LISTS = frozenset({"emails", "phones"})


class Kind(StrEnum):
    """What a property holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    LIST = "list"


@dataclass(frozen=True)
class Property:
    """One property of a DTO; `refers_to` names the resource whose ids it holds."""

    name: str
    kind: Kind
    refers_to: str | None = None


@dataclass(frozen=True)
class Resource:
    """One business object: how it is called, what it holds, what a new one starts with."""

    name: str
    plural: str
    table: str
    first_id: int
    properties: tuple[Property, ...]
    template: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    unsearchable: frozenset[str] = frozenset()
    writable: bool = True

    @cached_property
    def by_name(self) -> Mapping[str, Property]:
        return {prop.name: prop for prop in self.properties}

    @cached_property
    def _by_folded_name(self) -> Mapping[str, Property]:
        return {prop.name.casefold(): prop for prop in self.properties}

    def bind(self, sent_name: str) -> Property | None:
        """Find the property that a body names: case does not matter there (§0), free fields are open (§2.0)."""
        if sent_name.upper().startswith(FREE_FIELD_PREFIX):
            return Property(sent_name.upper(), Kind.TEXT)
        return self._by_folded_name.get(sent_name.casefold())

    def property_named(self, name: str) -> Property | None:
        """Find the property that a filter names: case does matter there (§0)."""
        if name.startswith(FREE_FIELD_PREFIX):
            return Property(name, Kind.TEXT)
        return self.by_name.get(name)

    @cached_property
    def searchable(self) -> frozenset[str]:
        """The names that a filter may use unless a switch says otherwise (§2.0)."""
        return frozenset(
            prop.name
            for prop in self.properties
            if prop.name not in self.unsearchable
            and (prop.kind is not Kind.LIST or prop.name in _SEARCHABLE_LISTS)
        )


def _properties(**names_by_kind: str) -> tuple[Property, ...]:
    return tuple(
        Property(name, Kind(kind)) for kind, names in names_by_kind.items() for name in names.split()
    )


def _references(**resource_by_name: str) -> tuple[Property, ...]:
    return tuple(Property(name, Kind.INTEGER, resource) for name, resource in resource_by_name.items())


_STAMPS = (
    Property("id", Kind.INTEGER),
    *_references(createdById="User", lastModifiedById="User"),
    *_properties(date="createdDate lastModifiedDate"),
)

ACTIVITY = Resource(
    name="Activity",
    plural="Activities",
    table="activity",
    first_id=846_001,
    properties=(
        *_STAMPS,
        *_references(
            companyId="Company",
            opportunityId="Opportunity",
            ownerId="User",
            idCompanion="User",
            subTypeId="ActivitySubType",
            parentId="Activity",
        ),
        *_properties(
            text="subject description subjectCode email fax flow",
            integer="contactId leadId orderId quoteId type state priority toDo duration inOut classification",
            boolean="allDay commercial alarm implicitConsent",
            date="activityDate activityEndDate",
            list="documents externalReferences tags",
        ),
    ),
    template={
        "type": 7,
        "state": 1,
        "priority": 0,
        "toDo": 0,
        "duration": 0,
        "allDay": False,
        "commercial": False,
    },
    required=("subject",),
)

ACTIVITY_SUB_TYPE = Resource(
    name="ActivitySubType",
    plural="ActivitySubTypes",
    table="activity_sub_type",
    first_id=63_801,
    properties=(
        *_STAMPS,
        *_references(ownerId="User"),
        *_properties(
            text="name code description color icon externalReference",
            integer="type",
            boolean="active dontAllowCosts",
            list="groups localizings externalReferences tags",
        ),
    ),
    template={"active": True, "dontAllowCosts": False, "type": 7},
    required=("name",),
    unsearchable=frozenset({"active", "code"}),
)

OPPORTUNITY = Resource(
    name="Opportunity",
    plural="Opportunities",
    table="opportunity",
    first_id=118_001,
    properties=(
        *_STAMPS,
        *_references(ownerId="User", phase="OpportunityPhase"),
        *_properties(
            text="title code description crossName lostReason flow externalReference",
            integer="crossId crossType category status probability",
            number="amount budget",
            date="closeDate expirationDate",
            list="salesPersons products competitors partners referrers groups tags geoLocalization"
            " externalReferences",
        ),
    ),
    template={"crossType": 0, "status": 1, "probability": 0, "amount": 0, "budget": 0},
    required=("title",),
)

OPPORTUNITY_PHASE = Resource(
    name="OpportunityPhase",
    plural="OpportunityPhases",
    table="opportunity_phase",
    first_id=53_101,
    properties=(*_STAMPS, *_properties(text="description", integer="status weight")),
    template={"status": 1, "weight": 0},
    required=("description",),
)

COMPANY = Resource(
    name="Company",
    plural="Companies",
    table="company",
    first_id=409_001,
    properties=(
        *_STAMPS,
        *_references(ownerId="User"),
        *_properties(
            text="companyName vatId taxIdentificationNumber address city zipCode province region state webSite"
            " code description",
            integer="anagraphicIndustryId anagraphicCompanyTypeId boStatus",
            list="phones emails salesPersons categories externalReferences",
        ),
    ),
    template={"state": "IT"},
    required=("companyName",),
)

CATALOG = Resource(
    name="Catalog",
    plural="Catalogs",
    table="catalog",
    first_id=27_501,
    properties=(
        *_STAMPS,
        *_references(ownerId="User"),
        *_properties(
            text="code codeEAN codeSupplier description productName taxCode",
            integer="category unitId",
            number="price cost maxdiscount",
            boolean="active",
            list="tags externalReferences",
        ),
    ),
    template={"active": True, "price": 0},
    required=("productName",),
)

USER = Resource(
    name="User",
    plural="Users",
    table="user",
    first_id=2_101,
    properties=(*_STAMPS, *_properties(text="userName name surname email account", boolean="active")),
    template={"active": True},
    required=("userName",),
    writable=False,
)

RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for resource in (ACTIVITY, ACTIVITY_SUB_TYPE, OPPORTUNITY, OPPORTUNITY_PHASE, COMPANY, CATALOG, USER)
}

BY_SEGMENT: Mapping[str, Resource] = {
    segment.casefold(): resource
    for resource in RESOURCES.values()
    for segment in (resource.name, resource.plural)
}
