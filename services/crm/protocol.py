"""What this product needs from a CRM, in our own terms, so that another CRM can replace the present one.

Every call may raise the errors of `services.crm.errors`. Look-ups are complete or raise. The CRM client never repeats
a call. A record that was merged into another one counts as absent, unless the docstring says that the other one
answers for it.
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
    UnreadRecord,
)

CONNECT_LIMIT = 2.0
"""Seconds for opening a connection, unless the settings say otherwise."""

LONGEST_PAUSE = 3600.0
"""In seconds. If the CRM asks for a longer pause, it gets this one."""

SLOT_LIFETIME = 1.0
"""Seconds in which a granted call must be sent. Later it would use another call's slot.

A claim is written in between, which takes a while on a busy machine with a slow disk.
"""

Claim = Callable[[], Awaitable[None]]
"""Awaited at the last moment before a write is sent. If it raises, nothing is sent."""


class Priority(IntEnum):
    """The order of calls when slots are short, lowest first.

    INTERACTIVE is for a waiting person, ACTION for what an operator started, BACKGROUND for the rest.
    """

    INTERACTIVE = 0
    ACTION = 1
    BACKGROUND = 2


class CallBudget(Protocol):
    """The right to call the CRM, shared by all callers."""

    async def take(self, priority: Priority) -> float:
        """Wait for the right to send one request. Return for how many seconds it may have existed already.

        It lapses after `SLOT_LIFETIME`, so it is used at once or not at all.

        An INTERACTIVE call does not wait for the end of a pause. It raises CrmUnavailable with the time of that end.
        """

    async def pause(self, seconds: float) -> None:
        """Grant nothing to any caller for so long, because the CRM asked for it."""


class Passage(Protocol):
    """The right to send one request. It ends with a report of the result."""

    async def judge(self, *, reached: bool, succeeded: bool = False) -> None:
        """Report whether the CRM was reached, which a refusal proves too, and whether it did what was asked."""


class Circuit(Protocol):
    """Whether the CRM should be called at all, a decision that all callers share."""

    async def check(self) -> None:
        """Raise CrmUnavailable, with the remaining time, while the circuit is open."""

    async def enter(self) -> Passage:
        """Check again at the last moment. When the time is up, only one caller is let through to probe."""

    async def succeeded_at(self) -> datetime | None:
        """Return when a call of any process last succeeded."""


class Crm(Protocol):
    def with_priority(self, priority: Priority) -> Self:
        """Return the same CRM, with the same login, for calls of another priority. The default is BACKGROUND."""

    async def meet(self) -> None:
        """Check that the right tenant answers, or raise WrongTenant. Every other call does this too."""

    async def create_opportunity(self, draft: OpportunityDraft, *, claim: Claim | None = None) -> int:
        """Create an opportunity that carries the draft's reference, and return the id from the CRM's answer."""

    async def create_activity(
        self,
        opportunity_id: int,
        milestone_name: str,
        *,
        details: ActivityDetails,
        claim: Claim | None = None,
    ) -> int:
        """Create an activity of the opportunity with the details' reference, and return the id from the answer."""

    async def create_sale(self, draft: SaleDraft, *, claim: Claim | None = None) -> int:
        """Record a sale as an activity that carries the draft's reference, as people do.

        Return the id from the answer.
        """

    async def update_activity(
        self, activity_id: int, changes: ActivityChanges, *, claim: Claim | None = None
    ) -> None:
        """Set the given fields of an activity of ours and leave all others alone.

        The activity is read first. If it does not carry the reference, raise NotOurRecord and send nothing.
        """

    async def get_opportunities(self, company_id: int) -> list[OpportunityRecord]:
        """Return all opportunities of the company, by id."""

    async def get_opportunity(self, opportunity_id: int) -> OpportunityRecord | None:
        """Return the opportunity, or None if the CRM says that it has none with this id.

        If the answer has another id, the opportunity was merged into that one.
        """

    async def find_coded(self, part: str, *, company_id: int) -> list[OpportunityRecord]:
        """Return the opportunities whose code contains the part; all of the company if the CRM cannot search for it."""

    async def get_product_codes(self, product_ids: Collection[int]) -> Mapping[int, str]:
        """Return the codes of these products by their ids, without products that the CRM does not have."""

    async def get_activities(self, opportunity_id: int) -> list[ActivityRecord]:
        """Return all activities of the opportunity, by id."""

    async def get_company_activities(self, company_id: int) -> list[ActivityRecord]:
        """Return all activities of the company, by id."""

    async def get_activity(self, activity_id: int) -> ActivityRecord | None:
        """Return the activity, or None if the CRM says that it has none with this id."""

    async def list_living(self, activity_ids: Collection[int]) -> Collection[int]:
        """Return those of these activities that were not deleted. A deleted one may still answer to its id.

        A new activity may be missing.
        """

    async def list_activities(
        self,
        sub_type_id: int,
        *,
        modified_since: datetime | None = None,
        unread: list[UnreadRecord] | None = None,
    ) -> list[ActivityRecord]:
        """Return all activities of the sub-type, by id; with an instant, only those changed at or after it.

        A record that cannot be read is added to `unread`. Without that list it fails the call.
        """

    async def list_activities_beyond(
        self,
        activity_id: int,
        *,
        made_since: datetime | None = None,
        unread: list[UnreadRecord] | None = None,
    ) -> list[ActivityRecord]:
        """Return all activities with a greater id, by id. If the CRM fails on the way, return those that it showed
        before.

        A record that cannot be read while later ones can is added to `unread`, if that is given.

        A record that the CRM will not show to us is left out, unless it shows none at all.

        With an instant, go back to the newest activity that was created before it, and return all of them or none.
        """

    async def get_company(self, company_id: int, *, or_its_successor: bool = False) -> CompanyRecord | None:
        """Return the company, or None if the CRM says that it has none with this id.

        For a company that was merged into another, return None, or the other one with `or_its_successor`.
        """
