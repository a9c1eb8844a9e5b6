"""`python -m server doctor`: examines the CRM without writing, reports, and stores the profile that the hub uses."""

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count

from server.logs import Scrubber, secrets_of
from server.settings import Settings
from server.wiring import open_gateway
from services.crm.crm_in_cloud.doctor.diagnosis import Chosen, diagnose, is_out_of_reach
from services.crm.crm_in_cloud.doctor.examination import ObservedAnswers
from services.crm.crm_in_cloud.doctor.findings import Finding, Severity
from services.crm.crm_in_cloud.doctor.probe import Probe
from services.crm.crm_in_cloud.profile import TenantProfile
from services.crm.crm_in_cloud.responses import Answer
from services.crm.crm_in_cloud.transport import proxy_of
from services.crm_tenant import Binding, profile_as_json, store_profile

HEALTHY, UNWELL, OUT_OF_REACH = 0, 1, 2
_WIDTH = 100


@dataclass(frozen=True, kw_only=True)
class Report:
    """The findings at one address. The profile is stored if everything that it rests on could be read.

    `proxy` is the address of the proxy that the calls went through, without its credentials.
    """

    address: str
    proxy: str | None
    profile: TenantProfile
    findings: list[Finding]
    stored: bool

    @property
    def exit_code(self) -> int:
        if is_out_of_reach(self.findings):
            return OUT_OF_REACH
        return UNWELL if any(one.severity is Severity.PROBLEM for one in self.findings) else HEALTHY

    def as_json(self) -> str:
        """Return the report for programs."""
        report = {
            "address": self.address,
            "proxy": self.proxy,
            "healthy": self.exit_code == HEALTHY,
            "stored": self.stored,
            "findings": [asdict(finding) for finding in self.findings],
            "profile": profile_as_json(self.profile),
        }
        return json.dumps(report, indent=2, ensure_ascii=False)

    def as_text(self) -> str:
        """Return the report for people."""
        return "\n".join((*self._head(), *self._body(), *self._end()))

    def _head(self) -> Iterator[str]:
        user = f", where we are user {self.profile.user_id}" if self.profile.user_id else ""
        way = f" through the proxy {self.proxy}" if self.proxy else ""
        yield f"The CRM at {self.address}{way}{user}."
        for finding in self.findings:
            yield f"\n{finding.severity:<8} {finding.code}"
            yield _indented(finding.words)
            if finding.remedy:
                yield _indented(finding.remedy, first="-> ")

    def _body(self) -> Iterator[str]:
        profile = self.profile
        yield from _list("Activity sub-types", (f"{one.id}  {one.name}" for one in profile.sub_types))
        phases = (f"{one.id}  {one.name}  (status {one.status}, {one.weight} %)" for one in profile.phases)
        yield from _list("Opportunity phases", phases)
        yield from _list("States of activities that were seen", map(str, profile.states))
        yield from _list("Searches", (f"{key:<40}  {verdict}" for key, verdict in profile.filters.items()))

    def _end(self) -> Iterator[str]:
        verdicts = {HEALTHY: "The hub can work with it.", UNWELL: "See the problems above."}
        kept = (
            "The profile is stored; serve and work follow it from their next start."
            if self.stored
            else "No profile was stored."
        )
        yield f"\n{verdicts.get(self.exit_code, 'The CRM could not be examined.')} {kept}"


async def examine_tenant(
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    report_progress: Callable[[int], None] = lambda count: None,
) -> Report:
    """Examine the CRM of the settings, over the open database, and store what was proven.

    `report_progress` is called after each answer with the number of answers so far.
    """
    tenant = settings.access()
    chosen = _chosen(settings)
    observed, counted, scrub = ObservedAnswers(clock), count(1), Scrubber(secrets_of(settings))

    def on_answer(answer: Answer) -> None:
        observed(answer)
        report_progress(next(counted))

    binding = Binding(clock=clock)
    await binding.check_address(tenant.base_url)
    async with open_gateway(settings, tenant, clock=clock, on_answer=on_answer, guard=binding) as gateway:
        wanted = {chosen.intake_sub_type_id, chosen.shadow_sub_type_id} - {None}
        probe = Probe(
            gateway, observed=observed, settings=tenant, sub_type_ids=filter(None, wanted), at=clock()
        )
        found = await probe.examine()
    if found.complete:
        await store_profile(found.profile, tenant)
    proxy = proxy_of(tenant)
    return Report(
        address=tenant.base_url,
        proxy=proxy.address if proxy else None,
        profile=found.profile,
        # Findings may repeat the CRM's words. Our advice is our own and holds no secret.
        findings=[replace(one, words=scrub(one.words)) for one in diagnose(found, chosen)],
        stored=found.complete,
    )


def _chosen(settings: Settings) -> Chosen:
    crm = settings.crm
    return Chosen(
        intake_sub_type_id=crm.intake_sub_type_id,
        shadow_sub_type_id=crm.shadow_sub_type_id,
        activity_type=crm.activity_type,
        open_state=crm.open_state,
        completed_state=crm.completed_state,
        opportunity_phase_id=crm.opportunity_phase_id,
        zone=crm.zone,
        lag_bound=settings.lag_bound_seconds,
    )


def _list(title: str, lines: Iterable[str]) -> Iterator[str]:
    rows = list(lines)
    if rows:
        yield f"\n{title}"
        yield from (f"  {row}" for row in rows)


def _indented(text: str, *, first: str = "") -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=f"  {first}",
        subsequent_indent=" " * (2 + len(first)),
        break_long_words=False,
    )
