"""Reports for one company, or for all, one after the other."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models import Company
from services.companies import company_columns
from services.crm.errors import CrmError
from services.crm.protocol import Crm, Priority
from services.crm.records import CompanyRecord
from services.crm.refusals import refusals
from services.errors import Refusal
from services.planning.calendar import WorkCalendar
from services.planning.reconciliation import Circumstances, Difference, Row, reconcile
from services.reconciliation.beliefs import list_beliefs, list_replaced, list_unmatched, list_work
from services.reconciliation.holdings import Holdings
from services.records import get_company
from services.vocabulary import Explanation, Verdict

ASKED_BY_ID_AT_MOST = 10
"""The records in doubt that are read by id, for each company; one that is gone costs two calls."""


class ReconciliationRunning(Refusal):
    """Another company is being compared; try again when that is over."""

    code = "RECONCILIATION_RUNNING"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyReport:
    """The comparison of one company. With `trouble`, the CRM could not be read, and there are no rows."""

    company_id: str
    crm_id: int
    name: str
    read_at: datetime
    rows: tuple[Row, ...] = ()
    trouble: str | None = None
    differences: tuple[Difference, ...] = ()

    @property
    def unexplained(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.unexplained)

    @property
    def unexplained_count(self) -> int:
        return len(self.unexplained)

    @property
    def matched_count(self) -> int:
        return self._count[Verdict.MATCHED]

    @property
    def missing_count(self) -> int:
        return self._count[Verdict.MISSING]

    @property
    def extra_count(self) -> int:
        return self._count[Verdict.EXTRA]

    @property
    def different_count(self) -> int:
        return self._count[Verdict.DIFFERENT]

    @property
    def _count(self) -> Counter[Verdict]:
        return Counter(row.verdict for row in self.rows)


class Reconciler:
    """Compares with background priority. Writes nothing.

    `lag_bound`: the seconds for which a new record may be missing from the CRM's search.
    """

    def __init__(
        self, crm: Crm, *, calendar: WorkCalendar, clock: Callable[[], datetime], lag_bound: float
    ) -> None:
        self._crm = crm.with_priority(Priority.BACKGROUND)
        self._calendar = calendar
        self._clock = clock
        self._lag_bound = timedelta(seconds=lag_bound)
        self._is_asked = False

    async def report(self, company_id: str) -> CompanyReport:
        """Report on one company for a caller who waits: one at a time, with a refusal if the CRM fails."""
        company = await get_company(company_id)
        if self._is_asked:
            raise ReconciliationRunning("Another company is being compared; try again when that is over.")
        self._is_asked = True
        try:
            with refusals():
                return await self._report(company)
        finally:
            self._is_asked = False

    async def report_each(self, companies: Sequence[Company] | None = None) -> AsyncIterator[CompanyReport]:
        """Report on these companies, or on all. A company that cannot be read says so, and the others follow."""
        for company in companies or await Company.all().order_by("sort_name", "id"):
            try:
                yield await self._report(company)
            except CrmError as error:
                yield replace(self._blank(company), trouble=error.message)

    async def _report(self, company: Company) -> CompanyReport:
        """Read the CRM before our rows: a record that appears in between is then read by its id."""
        report = self._blank(company)
        answered = await self._crm.get_company(company.crm_id, or_its_successor=True)
        holdings = Holdings(self._crm, calendar=self._calendar)
        await holdings.read(company)
        believed = await list_beliefs(company)
        circumstances = Circumstances(
            read_at=report.read_at,
            lag_bound=self._lag_bound,
            work=await list_work(company),
            unmatched=await list_unmatched(company),
            replaced=await list_replaced(company),
        )
        rows = reconcile(believed, holdings.held, circumstances)
        if doubtful := _most_doubtful(rows):
            await holdings.look_again(company, doubtful)
            certain = replace(circumstances, asked_for=holdings.asked_for)
            rows = reconcile(believed, holdings.held, certain)
        return replace(report, rows=rows, differences=tuple(_differences(company, answered)))

    def _blank(self, company: Company) -> CompanyReport:
        return CompanyReport(
            company_id=company.id, crm_id=company.crm_id, name=company.name, read_at=self._clock()
        )


def _differences(company: Company, answered: CompanyRecord | None) -> Iterator[Difference]:
    """Yield how the company itself differs in the CRM. The next synchronisation takes it over."""
    if answered is None:
        yield Difference("present", "true", "false")
    elif answered.id != company.crm_id:
        yield Difference("crm_id", str(company.crm_id), str(answered.id))
    elif (name := company_columns(answered, company)["name"]) != company.name:
        yield Difference("name", company.name, name)


def _most_doubtful(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows to read by id: unexplained ones first, then those that are only young."""
    young = [row for row in rows if row.explanation is Explanation.JUST_MADE]
    return [*(row for row in rows if row.unexplained), *young][:ASKED_BY_ID_AT_MOST]
