"""The CRM in Cloud client."""

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Self, TypeVar

import aiohttp

from services.crm.crm_in_cloud.gateway import Gateway
from services.crm.crm_in_cloud.identity import TenantGuard
from services.crm.crm_in_cloud.parsing import (
    Row,
    activity_of,
    before_repeated_hour,
    company_of,
    id_of,
    opportunity_of,
    text,
)
from services.crm.crm_in_cloud.payloads import (
    activity_payload,
    changes_payload,
    opportunity_payload,
    sale_payload,
)
from services.crm.crm_in_cloud.profile import (
    ACTIVITY,
    CATALOG,
    COMPANY,
    OPPORTUNITY,
    PART_OF_CODE,
    Strategy,
    strategy_of,
)
from services.crm.crm_in_cloud.responses import Call, read_new_id, unclear
from services.crm.crm_in_cloud.search import Lookup, Unsearchable, contains
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.crm_in_cloud.tokens import TokenStore
from services.crm.errors import (
    CrmError,
    CrmNotCalled,
    CrmRefused,
    CrmUnavailable,
    LoginRefused,
    NotOurRecord,
)
from services.crm.protocol import CallBudget, Circuit, Claim, Priority
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
from services.crm.references import not_ours

REFUSED_AT_MOST = 10
"""How many activities may be refused to us while we read one by one. More mean that we have no access at all."""

FAILED_AT_MOST = 3
"""How many activities may fail in a row while we read one by one. After that, the CRM itself is failing."""

Record = TypeVar("Record", OpportunityRecord, ActivityRecord)


class CrmInCloudClient:
    """Implements `services.crm.protocol.Crm`.

    Nothing is repeated here, except one login after the CRM has declared our token invalid. The caller opens the
    session (`transport.open_session`) and closes it. Without a strategy the client assumes that nothing is known of
    the tenant.
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
        guard: TenantGuard | None = None,
    ) -> None:
        self._strategy = strategy or strategy_of(None, settings)
        self._settings = replace(settings, zone=self._strategy.zone)
        self._clock = clock
        self._gateway = Gateway(
            settings,
            session=session,
            budget=budget,
            clock=clock,
            monotonic=monotonic,
            tokens=tokens,
            circuit=circuit,
            guard=guard,
        )
        self._lookup = Lookup(self._gateway, strategy=self._strategy)

    def with_priority(self, priority: Priority) -> Self:
        return self._through(self._gateway.with_priority(priority))

    async def meet(self) -> None:
        await self._gateway.meet()

    async def create_opportunity(self, draft: OpportunityDraft, *, claim: Claim | None = None) -> int:
        payload = opportunity_payload(draft, settings=self._settings, now=self._clock())
        return await self._create(OPPORTUNITY, payload, claim=claim)

    async def create_activity(
        self,
        opportunity_id: int,
        milestone_name: str,
        *,
        details: ActivityDetails,
        claim: Claim | None = None,
    ) -> int:
        payload = activity_payload(opportunity_id, milestone_name, details=details, settings=self._settings)
        return await self._create(ACTIVITY, payload, claim=claim)

    async def create_sale(self, draft: SaleDraft, *, claim: Claim | None = None) -> int:
        return await self._create(ACTIVITY, sale_payload(draft, settings=self._settings), claim=claim)

    async def update_activity(
        self, activity_id: int, changes: ActivityChanges, *, claim: Claim | None = None
    ) -> None:
        changed = changes_payload(changes, settings=self._settings)
        call = _upsert(ACTIVITY, {"id": activity_id, **changed})
        check = partial(self._check_ours, activity_id, changes.reference)
        written_id = read_new_id(call, await self._gateway.update(call, check=check, claim=claim))
        if written_id != activity_id:
            raise unclear(call, f"wrote {written_id} instead of {activity_id}.")

    async def _check_ours(self, activity_id: int, reference: str) -> None:
        """Read the activity, and raise NotOurRecord unless it carries the reference."""
        record = await self.get_activity(activity_id)
        if record is None:
            raise NotOurRecord(
                f"The CRM does not have the activity {activity_id} any more, so nothing was sent. Generate the "
                "activities again: if it is gone, it is created again."
            )
        if not record.carries(reference):
            raise NotOurRecord(not_ours(activity_id, reference))

    async def get_opportunities(self, company_id: int) -> list[OpportunityRecord]:
        rows = await self._lookup.rows(OPPORTUNITY, "crossId", company_id)
        return [found for found in self._opportunities(rows) if found.company_id == company_id]

    async def get_opportunity(self, opportunity_id: int) -> OpportunityRecord | None:
        row = await self._lookup.row(OPPORTUNITY, opportunity_id, or_its_successor=True)
        return None if row is None else self._opportunity(row)

    async def find_coded(self, part: str, *, company_id: int) -> list[OpportunityRecord]:
        if self._strategy.is_exact(OPPORTUNITY, (PART_OF_CODE,)):
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
        self,
        sub_type_id: int,
        *,
        modified_since: datetime | None = None,
        unread: list[UnreadRecord] | None = None,
    ) -> list[ActivityRecord]:
        since = modified_since and before_repeated_hour(modified_since, zone=self._settings.zone)
        lookup = self._lookup.setting_aside(unread)
        rows = await lookup.rows(ACTIVITY, "subTypeId", sub_type_id, changed_since=since)
        return [found for found in self._activities(rows) if found.sub_type_id == sub_type_id]

    async def list_activities_beyond(
        self,
        activity_id: int,
        *,
        made_since: datetime | None = None,
        unread: list[UnreadRecord] | None = None,
    ) -> list[ActivityRecord]:
        numbers = await self._lookup.setting_aside(unread).numbers(ACTIVITY, beyond=activity_id)
        aside = [] if unread is None else unread
        if made_since is None:
            return await self._read_each(numbers, aside)
        return (await self._read_each(numbers[::-1], aside, back_to=made_since))[::-1]

    async def _read_each(
        self, numbers: Sequence[int], unread: list[UnreadRecord], *, back_to: datetime | None = None
    ) -> list[ActivityRecord]:
        """Read the activities in this order, as far as the CRM answers. With an instant, go back to it or raise."""
        found: list[ActivityRecord] = []
        refused: list[CrmRefused] = []
        failed: dict[int, CrmUnavailable] = {}
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
            except CrmUnavailable as error:
                failed[number] = error
                if len(failed) >= FAILED_AT_MOST or isinstance(error, CrmNotCalled):
                    break
                continue
            # The CRM answers, so only these records failed, not the CRM.
            unread += [UnreadRecord(id=one, explanation=error.message) for one, error in failed.items()]
            failed.clear()
            if back_to is not None and record is not None and (record.created_at or back_to) < back_to:
                return found
            found += [record] if record is not None else []
        trouble: list[CrmError] = [*failed.values(), *refused]
        # If we can read nothing, the cause is our rights or the CRM, not these activities.
        if trouble and (not found or (back_to is not None and (failed or len(refused) > REFUSED_AT_MOST))):
            raise trouble[0]
        return found

    async def get_company(self, company_id: int, *, or_its_successor: bool = False) -> CompanyRecord | None:
        row = await self._lookup.row(COMPANY, company_id, or_its_successor=or_its_successor)
        return None if row is None else company_of(row)

    def _through(self, gateway: Gateway) -> Self:
        view = copy.copy(self)
        view._gateway = gateway
        view._lookup = self._lookup.through(gateway)
        return view

    async def _create(
        self, controller: str, payload: dict[str, object], *, claim: Claim | None = None
    ) -> int:
        call = _upsert(controller, payload)
        return read_new_id(call, await self._gateway.request(call, claim=claim))

    def _opportunities(self, rows: Iterable[Row]) -> list[OpportunityRecord]:
        return _by_id(self._opportunity(row) for row in rows)

    def _opportunity(self, row: Row) -> OpportunityRecord:
        """Return the record. If the CRM gives only the phase's number, the tenant's profile provides its name."""
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
    # Without an id in the body the CRM creates a record. With one it sets the fields in the body.
    return Call("POST", f"{controller}/CreateOrUpdate", body=payload, writes=True)


def _by_id(records: Iterable[Record]) -> list[Record]:
    return [record for _, record in sorted({record.id: record for record in records}.items())]
