"""What the CRM holds of a company: two complete look-ups, then reads by id of what is in doubt."""

from collections.abc import Sequence

from models import Company
from services.crm.protocol import Crm
from services.crm.records import ActivityRecord, OpportunityRecord
from services.crm.references import unmark
from services.intake.sales import SALE
from services.opportunities.mirror import found_of, shown
from services.planning.calendar import WorkCalendar
from services.planning.reconciliation import Held, Row
from services.vocabulary import EffectKind, Verdict


class Holdings:
    """The company's records by their place in the CRM. Those that were `asked_for` by id are certain."""

    def __init__(self, crm: Crm, *, calendar: WorkCalendar) -> None:
        self._crm = crm
        self._calendar = calendar
        self._held: dict[tuple[bool, int], Held] = {}
        self._asked_for: set[int] = set()

    @property
    def held(self) -> list[Held]:
        return list(self._held.values())

    @property
    def asked_for(self) -> frozenset[int]:
        return frozenset(self._asked_for)

    async def read(self, company: Company) -> None:
        """Run two searches, with one call for every hundred records."""
        for opportunity in await self._crm.get_opportunities(company.crm_id):
            self._keep(self._opportunity(opportunity))
        for activity in await self._crm.get_company_activities(company.crm_id):
            self._keep(self._activity(activity))

    async def look_again(self, company: Company, rows: Sequence[Row]) -> None:
        """Read single records by id: a search may lag, and does not show what moved to another company."""
        for row in rows:
            if row.kind is EffectKind.OPPORTUNITY:
                opportunity = await self._crm.get_opportunity(row.crm_id)
                held = self._opportunity(opportunity) if opportunity else None
            else:
                activity = await self._crm.get_activity(row.crm_id)
                held = self._activity(activity) if activity else None
            self._asked_for.add(row.crm_id)
            self._held.pop(_place(row), None)
            if held is not None:
                self._keep(held)
        await self._forget_deleted(company, rows)

    async def _forget_deleted(self, company: Company, rows: Sequence[Row]) -> None:
        """Drop records that only their id still shows: they count as deleted, unless they are too young."""
        missing = [_place(row) for row in rows if row.verdict is Verdict.MISSING and row.unexplained]
        answered = [place for place in missing if place in self._held]
        activity_ids = [crm_id for is_opportunity, crm_id in answered if not is_opportunity]
        living = await self._crm.list_living(activity_ids)
        for place in answered:
            is_opportunity, crm_id = place
            moved = is_opportunity and self._held[place].shows["company"] != company.crm_id
            if not moved and (is_opportunity or crm_id not in living):
                del self._held[place]

    def _keep(self, held: Held) -> None:
        self._held[_place(held)] = held

    def _opportunity(self, record: OpportunityRecord) -> Held:
        found = found_of(record)
        shows = {"company": record.company_id, "present": True, "code": found.own_code, **shown(record)}
        return Held(
            kind=EffectKind.OPPORTUNITY,
            crm_id=record.id,
            reference=found.code.strip().upper() if found.own_code else None,
            shows=shows,
            changed_at=record.modified_at,
        )

    def _activity(self, record: ActivityRecord) -> Held:
        is_sale = (record.reference or "").startswith(SALE)
        return Held(
            kind=EffectKind.SALE if is_sale else EffectKind.ACTIVITY,
            crm_id=record.id,
            reference=record.reference,
            shows={
                "company": record.company_id,
                "opportunity": record.opportunity_id,
                "reference": record.reference,
                "subject": unmark(record.subject),
                "due_on": self._calendar.today(record.starts_at) if record.starts_at else None,
                "completed": record.completed,
                "owner": record.owner_id,
            },
            changed_at=record.modified_at,
        )


def _place(record: Held | Row) -> tuple[bool, int]:
    return record.kind is EffectKind.OPPORTUNITY, record.crm_id
