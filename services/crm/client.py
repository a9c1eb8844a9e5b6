"""CRM in Cloud behind our protocol."""

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Self, TypeVar

import aiohttp

from services.crm.answers import Call, read_new_id, unclear
from services.crm.door import Door
from services.crm.errors import CrmRefused, CrmUnavailable, LoginRefused
from services.crm.lookup import Lookup, Unsearchable, contains, equals, understood
from services.crm.parsing import Row, activity_of, company_of, id_of, opportunity_of, text, user_of
from services.crm.payloads import activity_payload, changes_payload, opportunity_payload, sale_payload
from services.crm.profile import ACTIVITY, CATALOG, COMPANY, OPPORTUNITY, PART_OF_CODE, Strategy, strategy_of
from services.crm.protocol import CallBudget, Circuit, Claim, Priority
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
from services.crm.settings import CrmSettings
from services.crm.tokens import TokenStore

REFUSED_AT_MOST = 10
"""So many activities may be refused to us while we read one by one; more of them say that nothing is open to us."""

Record = TypeVar("Record", OpportunityRecord, ActivityRecord)


class CrmInCloudClient:
    """Fulfils `services.crm.protocol.Crm`.

    Nothing is repeated here, except once after the CRM declared our token invalid. The session comes from
    `services.crm.transport.open_session` and stays its opener's to close. Without a strategy it looks things up as in
    a tenant of which nothing was proven.
    """

    def __init__(
        self,
        settings: CrmSettings,
        *,
        session: aiohttp.ClientSession,
        budget: CallBudget,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        tokens: TokenStore | None = None,
        circuit: Circuit | None = None,
        strategy: Strategy | None = None,
    ) -> None:
        self._strategy = strategy or strategy_of(None, settings)
        self._settings = replace(settings, zone=self._strategy.zone)
        self._clock = clock
        self._door = Door(
            settings,
            session=session,
            budget=budget,
            clock=clock,
            monotonic=monotonic,
            tokens=tokens,
            circuit=circuit,
        )
        self._lookup = Lookup(self._door, strategy=self._strategy)

    def with_priority(self, priority: Priority) -> Self:
        return self._through(self._door.with_priority(priority))

    async def create_opportunity(self, draft: OpportunityDraft, *, claim: Claim | None = None) -> int:
        payload = opportunity_payload(draft, settings=self._settings, now=self._clock())
        return await self._write(OPPORTUNITY, payload, claim=claim)

    async def create_activity(
        self,
        opportunity_id: int,
        milestone_name: str,
        *,
        details: ActivityDetails,
        claim: Claim | None = None,
    ) -> int:
        payload = activity_payload(opportunity_id, milestone_name, details=details, settings=self._settings)
        return await self._write(ACTIVITY, payload, claim=claim)

    async def create_sale(self, draft: SaleDraft, *, claim: Claim | None = None) -> int:
        return await self._write(ACTIVITY, sale_payload(draft, settings=self._settings), claim=claim)

    async def update_activity(
        self, activity_id: int, changes: ActivityChanges, *, claim: Claim | None = None
    ) -> None:
        payload = changes_payload(activity_id, changes, settings=self._settings)
        written_id = await self._write(ACTIVITY, payload, claim=claim)
        if written_id != activity_id:
            raise unclear(_upsert(ACTIVITY, payload), f"wrote {written_id} instead of {activity_id}.")

    async def get_opportunities(self, company_id: int) -> list[OpportunityRecord]:
        rows = await self._lookup.rows(OPPORTUNITY, "crossId", company_id)
        return [found for found in self._opportunities(rows) if found.company_id == company_id]

    async def get_opportunity(self, opportunity_id: int) -> OpportunityRecord | None:
        row = await self._lookup.row(OPPORTUNITY, opportunity_id, or_its_successor=True)
        return None if row is None else self._opportunity(row)

    async def find_opportunities(self, reference: str, *, company_id: int) -> list[OpportunityRecord]:
        found = _carrying(reference, await self._opportunities_by_code(reference))
        # The code may be unsearchable, edited, or one that the CRM did not keep; the title carries it as well.
        return found or _carrying(reference, await self.get_opportunities(company_id))

    async def find_coded(self, part: str, *, company_id: int) -> list[OpportunityRecord]:
        if self._strategy.singles_out(OPPORTUNITY, (PART_OF_CODE,)):
            with suppress(Unsearchable):
                rows = await self._lookup.search(OPPORTUNITY, contains("code", part), showing="code")
                return self._opportunities(rows)
        return await self.get_opportunities(company_id)

    async def get_product_codes(self, product_ids: Collection[int]) -> Mapping[int, str]:
        rows = await self._lookup.rows_of(CATALOG, sorted(set(product_ids)), showing="code")
        return {id_of(row): text(row.get("code")) for row in rows}

    async def get_activities(self, opportunity_id: int) -> list[ActivityRecord]:
        rows = await self._lookup.rows(ACTIVITY, "opportunityId", opportunity_id)
        return [found for found in self._activities(rows) if found.opportunity_id == opportunity_id]

    async def get_company_activities(self, company_id: int) -> list[ActivityRecord]:
        rows = await self._lookup.rows(ACTIVITY, "companyId", company_id)
        return [found for found in self._activities(rows) if found.company_id == company_id]

    async def get_activity(self, activity_id: int) -> ActivityRecord | None:
        row = await self._lookup.row(ACTIVITY, activity_id)
        return None if row is None else self._activity(row)

    async def list_living(self, activity_ids: Collection[int]) -> Collection[int]:
        return await self._lookup.listed(ACTIVITY, sorted(activity_ids)) if activity_ids else ()

    async def list_activities(
        self, sub_type_id: int, *, modified_since: datetime | None = None
    ) -> list[ActivityRecord]:
        rows = await self._lookup.rows(ACTIVITY, "subTypeId", sub_type_id, changed_since=modified_since)
        return [found for found in self._activities(rows) if found.sub_type_id == sub_type_id]

    async def list_activities_beyond(
        self, activity_id: int, *, made_since: datetime | None = None
    ) -> list[ActivityRecord]:
        numbers = await self._lookup.numbers(ACTIVITY, beyond=activity_id)
        return await (self._upwards(numbers) if made_since is None else self._back_to(made_since, numbers))

    async def _upwards(self, numbers: Sequence[int]) -> list[ActivityRecord]:
        found: list[ActivityRecord] = []
        refused: list[CrmRefused] = []
        for number in numbers:
            try:
                record = await self.get_activity(number)
            except LoginRefused:
                raise
            except CrmRefused as refusal:
                refused.append(refusal)
                if len(refused) > REFUSED_AT_MOST:
                    break
                continue
            except CrmUnavailable:
                if not found:
                    raise
                break
            found += [record] if record is not None else []
        if refused and not found:
            # Then it may be our rights, and not these activities, that is the matter.
            raise refused[0]
        return found

    async def _back_to(self, made_since: datetime, numbers: Sequence[int]) -> list[ActivityRecord]:
        found: list[ActivityRecord] = []
        for number in reversed(numbers):
            record = await self.get_activity(number)
            if record is not None and (record.created_at or made_since) < made_since:
                break
            found += [record] if record is not None else []
        return found[::-1]

    async def get_company(self, company_id: int) -> CompanyRecord | None:
        row = await self._lookup.row(COMPANY, company_id)
        return None if row is None else company_of(row)

    async def who_am_i(self) -> UserRecord:
        call = Call("GET", "Auth/Me")
        return understood(call, user_of, await self._door.request(call))

    def _through(self, door: Door) -> Self:
        view = copy.copy(self)
        view._door = door
        view._lookup = self._lookup.through(door)
        return view

    async def _write(self, controller: str, payload: dict[str, object], *, claim: Claim | None = None) -> int:
        call = _upsert(controller, payload)
        return read_new_id(call, await self._door.request(call, claim=claim))

    async def _opportunities_by_code(self, code: str) -> list[OpportunityRecord]:
        if not self._strategy.tries(OPPORTUNITY, ("code",)):
            return []
        try:
            rows = await self._lookup.search(OPPORTUNITY, equals("code", code), showing="code")
        except Unsearchable:
            return []
        return self._opportunities(rows)

    def _opportunities(self, rows: Iterable[Row]) -> list[OpportunityRecord]:
        return _by_id(self._opportunity(row) for row in rows)

    def _opportunity(self, row: Row) -> OpportunityRecord:
        """The record, whose phase is called as in the tenant's profile where the CRM gives its number alone."""
        record = opportunity_of(row, zone=self._settings.zone)
        return (
            record
            if record.phase
            else replace(record, phase=self._strategy.phases.get(record.phase_id or 0, ""))
        )

    def _activities(self, rows: Iterable[Row]) -> list[ActivityRecord]:
        return _by_id(self._activity(row) for row in rows)

    def _activity(self, row: Row) -> ActivityRecord:
        return activity_of(row, zone=self._settings.zone, completed_state=self._settings.completed_state)


def _upsert(controller: str, payload: dict[str, object]) -> Call:
    # Without an id in the body the CRM creates, with one it sets the fields that the body names.
    return Call("POST", f"{controller}/CreateOrUpdate", body=payload, writes=True)


def _by_id(records: Iterable[Record]) -> list[Record]:
    return [record for _, record in sorted({record.id: record for record in records}.items())]


def _carrying(reference: str, opportunities: Iterable[OpportunityRecord]) -> list[OpportunityRecord]:
    return [opportunity for opportunity in opportunities if opportunity.carries(reference)]
