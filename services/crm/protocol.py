"""What this product needs from a CRM, in our own words, so that another CRM can take its place.

Every call may raise the errors of `services.crm.errors`. Look-ups are complete or raise; no call is ever
repeated by the CRM client itself. A record that was merged into another one is no longer there, except where it is
said that the other one answers for it.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Protocol, Self

from services.crm.records import (
    ActivityChanges,
    ActivityDetails,
    ActivityRecord,
    CompanyRecord,
    OpportunityDraft,
    OpportunityRecord,
    SaleDraft,
    UserRecord,
)

SLOT_LIFETIME = 1.0
"""Seconds in which a granted call must leave; later it would leave in somebody else's time.

A claim is written in between, and on a busy machine with a slow disk that takes its time.
"""

Claim = Callable[[], Awaitable[None]]
"""Awaited at the last moment before a write leaves; what it raises stops the call, and nothing is sent."""


class Priority(IntEnum):
    """Who goes first when calls are short, the smaller number: somebody who sits and waits, what an operator set going,
    or what nobody asked for."""

    INTERACTIVE = 0
    ACTION = 1
    BACKGROUND = 2


class CallBudget(Protocol):
    """The right to call the CRM, shared by everybody who does."""

    async def take(self, priority: Priority) -> float:
        """Wait for the right to send one request, and say for how many seconds it may have been there already.

        It lapses after `SLOT_LIFETIME`, so it is used at once or not at all.

        An INTERACTIVE call does not wait for the end of a pause: it raises CrmUnavailable, which says until when.
        """

    async def pause(self, seconds: float) -> None:
        """Grant nothing to anybody for so long, because the CRM asked for it."""


class Passage(Protocol):
    """The right to send one request, which ends with what came of it."""

    async def judge(self, *, reached: bool) -> None:
        """Say whether anybody was reached: a refusal was said by somebody."""


class Circuit(Protocol):
    """Whether the CRM is worth a call at all, agreed upon by everybody who calls."""

    async def check(self) -> None:
        """Raise CrmUnavailable, which says how long, while the CRM is left alone."""

    async def enter(self) -> Passage:
        """The same at the last moment; of those who come when the time is up, one is let through to try."""


class Crm(Protocol):
    def with_priority(self, priority: Priority) -> Self:
        """The same CRM, over the same login, whose calls go before or after others. The default is BACKGROUND."""

    async def create_opportunity(self, draft: OpportunityDraft, *, claim: Claim | None = None) -> int:
        """Create an opportunity that carries the draft's reference, and return its CRM id."""

    async def create_activity(
        self,
        opportunity_id: int,
        milestone_name: str,
        *,
        details: ActivityDetails,
        claim: Claim | None = None,
    ) -> int:
        """Create an activity of the opportunity that carries the details' reference, and return its CRM id."""

    async def create_sale(self, draft: SaleDraft, *, claim: Claim | None = None) -> int:
        """Note a sale, as people do, in an activity that carries the draft's reference, and return its CRM id."""

    async def update_activity(
        self, activity_id: int, changes: ActivityChanges, *, claim: Claim | None = None
    ) -> None:
        """Set the given fields of an activity and leave all others alone."""

    async def get_opportunities(self, company_id: int) -> list[OpportunityRecord]:
        """All opportunities of the company, by id."""

    async def get_opportunity(self, opportunity_id: int) -> OpportunityRecord | None:
        """The opportunity, or None when the CRM says that it has none of this id.

        One of another id is what it was merged into.
        """

    async def find_opportunities(self, reference: str, *, company_id: int) -> list[OpportunityRecord]:
        """All opportunities of the company that carry the reference, by id; more than one is for a person to judge."""

    async def find_coded(self, part: str, *, company_id: int) -> list[OpportunityRecord]:
        """The opportunities whose code contains the part; where the CRM cannot tell, all of the company."""

    async def get_product_codes(self, product_ids: Collection[int]) -> Mapping[int, str]:
        """The codes of these products by their ids, without those that the CRM does not have."""

    async def get_activities(self, opportunity_id: int) -> list[ActivityRecord]:
        """All activities of the opportunity, by id."""

    async def get_company_activities(self, company_id: int) -> list[ActivityRecord]:
        """All activities of the company, by id."""

    async def get_activity(self, activity_id: int) -> ActivityRecord | None:
        """The activity, or None when the CRM says that it has none of this id."""

    async def list_living(self, activity_ids: Collection[int]) -> Collection[int]:
        """Those of these activities that were not deleted: one that was may still answer to its id.

        One that was made lately may be missing.
        """

    async def list_activities(
        self, sub_type_id: int, *, modified_since: datetime | None = None
    ) -> list[ActivityRecord]:
        """All activities of the sub-type, by id; with an instant, only those changed at or after it."""

    async def list_activities_beyond(
        self, activity_id: int, *, made_since: datetime | None = None
    ) -> list[ActivityRecord]:
        """All activities with a greater id, by id; where the CRM fails on the way, those that it showed before.

        One that it will not show to us is left out, where it shows any.

        With an instant, back to the newest that was made before it, and all of them or none.
        """

    async def get_company(self, company_id: int) -> CompanyRecord | None:
        """The company, or None when the CRM says that it has none of this id."""

    async def who_am_i(self) -> UserRecord:
        """The CRM user whose credentials we use."""
