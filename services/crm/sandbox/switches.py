"""The lasting settings of the sandbox: one for every unknown of the contract (§7)."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.crm.sandbox.resources import FREE_FIELD_PREFIX, RESOURCES

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Permission = Literal["read", "create", "update", "delete"]
AuthMode = Literal["A", "B", "C", "D", "E"]


class Switches(BaseModel):
    """Every switch with the value that the evidence favours; §7 says which unknown each one represents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calls_per_window: int = Field(40, ge=1, description="Calls that one key may make within the window.")
    window_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    retry_after_seconds: int | None = Field(None, ge=0, description="Retry-After of a 429; absent when null.")

    auth_modes: tuple[AuthMode, ...] = ("A", "B", "C", "D", "E")
    token_lifetime_seconds: Seconds = 1200.0
    customer: Literal["shown", "hidden"] = Field(
        "shown", description="Whether tokens and Auth/Me name the tenant."
    )
    customer_id: int | None = Field(None, ge=1, description="Another tenant than the store's own.")
    key_scope: tuple[Permission, ...] = ("read", "create", "update", "delete")

    list_filter: Literal["ignored", "applied"] = "ignored"
    list_limit: Literal["ignored", "applied"] = "ignored"
    searchable_fields: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Per resource, the only properties that a filter may name."
    )
    unsearchable_filters: Literal["refused", "ignored", "empty"] = Field(
        "refused", description="How a search is answered whose filter names another property."
    )
    search_rows: Literal["whole", "slim", "ids"] = Field(
        "whole", description="What a search shows of a record; slim is its numbers and its name."
    )
    page_cap: int | None = Field(None, ge=1, description="Most rows of a page, however many are asked for.")
    search_lag_seconds: Seconds = 0.0

    unknown_properties: Literal["ignored", "refused"] = "ignored"
    unknown_references: Literal["refused", "accepted"] = "refused"
    required_fields: Literal["refused", "accepted"] = Field(
        "refused", description="What happens to a new record that lacks a required property."
    )
    missing_record_body: Literal["message", "empty"] = "message"
    user_endpoints: Literal["present", "absent"] = "present"

    company_vat_duplicates: Literal["refused", "accepted"] = "refused"
    opportunity_code_duplicates: Literal["accepted", "refused"] = "accepted"
    catalog_code_duplicates: Literal["refused", "accepted"] = "refused"
    duplicate_status: Literal[400, 409, 500] = 400
    opportunity_code: Literal["kept", "refused", "dropped"] = "kept"

    answered_dates: Literal["zulu", "zoneless"] = "zulu"
    server_zone: Literal["Europe/Rome", "UTC"] = "Europe/Rome"
    deletes: Literal["hard", "soft"] = "hard"
    merged_ids: Literal["survivor", "missing"] = Field(
        "survivor", description="What the id of a record answers that was merged into another one."
    )
    latency_seconds: Seconds = 0.0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.server_zone)

    @model_validator(mode="after")
    def _searchable_fields_exist(self) -> Self:
        for resource_name, names in self.searchable_fields.items():
            resource = RESOURCES.get(resource_name)
            if resource is None:
                raise ValueError(f"there is no resource {resource_name!r}")
            for name in names:
                if resource.property_named(name) is None:
                    raise ValueError(f"{resource_name} has no property {name!r}")
        return self

    def searchable(self, resource_name: str, property_name: str) -> bool:
        """Whether a filter may name this property; the id and free fields always may be (§2.0)."""
        if property_name == "id" or property_name.startswith(FREE_FIELD_PREFIX):
            return True
        chosen = self.searchable_fields.get(resource_name)
        return property_name in (RESOURCES[resource_name].searchable if chosen is None else chosen)
