"""`python -m server reconcile`: prints the report for people, or as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from enum import IntEnum
from typing import Any

import typer

from models import Company
from server.settings import Settings
from server.wiring import open_hub
from services.planning.reconciliation import Row
from services.reconciliation import CompanyReport
from services.vocabulary import Verdict


class Ending(IntEnum):
    """The meaning of the exit code."""

    EXPLAINED = 0
    UNEXPLAINED = 1
    NOT_READ = 2


async def run_reconciliation(settings: Settings, company: str | None, *, as_json: bool) -> Ending:
    """Compare one company, or all. Print each as soon as it is read, or all of them as JSON."""
    reports = []
    async with open_hub(settings) as hub:
        chosen = [await _find_company(company)] if company else None
        async for report in hub.reconciler.report_each(chosen):
            reports.append(report)
            if not as_json:
                print("\n".join(lines_of(report)), flush=True)
    print(json.dumps([as_plain(one) for one in reports], indent=2) if as_json else total_of(reports))
    return ending_of(reports)


async def _find_company(name: str) -> Company:
    """Find a company by our id or the CRM's."""
    by_crm_id = {"crm_id": int(name)} if name.isascii() and name.isdigit() else {"id": name}
    company = await Company.get_or_none(**by_crm_id)
    if company is None:
        raise typer.BadParameter(f"There is no company {name!r}.", param_hint="--company")
    return company


def ending_of(reports: Sequence[CompanyReport]) -> Ending:
    """Return the exit code. Unread companies come first: nothing is known about them."""
    if any(one.trouble for one in reports):
        return Ending.NOT_READ
    return Ending.UNEXPLAINED if any(one.unexplained for one in reports) else Ending.EXPLAINED


def lines_of(report: CompanyReport) -> Iterator[str]:
    """Yield a company's heading, and a line for each row that does not match."""
    heading = f"{report.name} ({report.crm_id})"
    if report.trouble:
        yield f"{heading}: could not be read. {report.trouble}"
        return
    yield f"{heading}: {report.matched_count} matched"
    for one in report.differences:
        yield f"  the company itself: {one.name}: ours {one.ours}, theirs {one.theirs}; a synchronisation follows it"
    for row in report.rows:
        if row.verdict is not Verdict.MATCHED:
            yield f"  {row.verdict:<9}  {row.kind.lower():<11}  {row.crm_id:>9}  {row.reference or '':<22}  {_why(row)}"


def _why(row: Row) -> str:
    said = [f"{one.name}: ours {one.ours}, theirs {one.theirs}" for one in row.differences]
    if row.double_of is not None:
        said.append(f"a duplicate of {row.double_of}")
    said.append(row.explanation.lower().replace("_", " ") if row.explanation else "NOT EXPLAINED")
    return "; ".join(said)


def total_of(reports: Sequence[CompanyReport]) -> str:
    counts = {
        verdict.lower(): sum(row.verdict is verdict for one in reports for row in one.rows)
        for verdict in Verdict
    }
    unread = sum(one.trouble is not None for one in reports)
    counted = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    unexplained = sum(len(one.unexplained) for one in reports)
    return f"{len(reports)} companies, {unread} unread: {counted}; {unexplained} not explained."


def as_plain(report: CompanyReport) -> dict[str, Any]:
    """Return the report in JSON types."""
    rows = [{**asdict(row), "unexplained": row.unexplained} for row in report.rows]
    return {**asdict(report), "read_at": report.read_at.isoformat(), "rows": rows}
