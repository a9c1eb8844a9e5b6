"""From the examination of a tenant to its problems, and what to do about each. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.crm.crm_in_cloud.doctor.examination import Examination
from services.crm.crm_in_cloud.doctor.findings import Finding, Severity, note, problem, warning
from services.crm.crm_in_cloud.profile import (
    ACTIVITY,
    FILTERS,
    OPPORTUNITY,
    Rows,
    TenantProfile,
    Verdict,
    key_of,
    polls_by_id,
)
from services.crm.crm_in_cloud.responses import is_json
from services.crm.errors import CrmError, CrmForbidden, CrmRefused, CrmUnavailable, LoginRefused, WrongTenant

LARGEST_SKEW = 60.0
"""By how many seconds our clock may be ahead of the CRM's or behind it before sales could seem older than they are."""

OPEN_PHASE = 1

WRITTEN = {
    ACTIVITY: (
        "subject", "description", "companyId", "opportunityId", "ownerId", "type", "subTypeId", "state", "activityDate",
        "activityEndDate", "allDay",
    ),
    OPPORTUNITY: (
        "title", "code", "description", "crossId", "crossType", "status", "phase", "category", "amount", "closeDate",
        "ownerId",
    ),
}  # fmt: skip
"""The properties that we set on a new record."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The settings for this tenant; None is not set yet."""

    intake_sub_type_id: int | None
    shadow_sub_type_id: int | None
    open_state: int | None
    completed_state: int | None
    activity_type: int | None
    opportunity_phase_id: int | None
    zone: str
    lag_bound: float


def diagnose(found: Examination, chosen: Chosen) -> list[Finding]:
    """Return all findings, the worst first."""
    if found.broken_off is not None:
        return [_broken_off(found, found.broken_off), *_refused(found.refused)]
    findings = [
        *_refused(found.refused),
        *_unset(chosen),
        *_sub_types(found.profile, chosen),
        *_phases(found.profile, chosen),
        *_states(found.profile, chosen),
        *_properties(found),
        *_filters(found.profile),
        *_rows(found),
        *_hidden(found),
        *_dates(found, chosen),
        *_lag(found.profile, chosen),
        *_rate_headers(found),
    ]
    return sorted(findings, key=lambda finding: list(Severity).index(finding.severity))


def is_out_of_reach(findings: Iterable[Finding]) -> bool:
    """Whether the CRM itself was never reached."""
    return any(
        finding.code in ("UNREACHABLE", "NOT_THE_CRM", "ASKED_TO_WAIT", "OTHER_TENANT")
        for finding in findings
    )


def _broken_off(found: Examination, error: CrmError) -> Finding:
    match error:
        case WrongTenant():
            return problem("OTHER_TENANT", error.message, "The hub does not work with it until then.")
        case CrmRefused(status=404 | 405) | LoginRefused(status=404 | 405):
            return _not_the_crm(error)
        case CrmForbidden() | LoginRefused():
            return problem(
                "CREDENTIALS_REFUSED",
                f"The CRM does not let us in. {error.message}{_crm_message(error)}",
                "Check CRM_AUTH_MODE, and the user name, password and key that this mode needs.",
            )
        case CrmUnavailable() if error.paused_until is not None:
            return problem(
                "ASKED_TO_WAIT",
                f"The CRM asks for a pause of {error.retry_after or 60:.0f} seconds: it is down, or there were "
                "too many calls with this key.",
                "Wait, and run the doctor again. If it keeps happening, lower HUB_CRM_CALLS_PER_MINUTE, or find out "
                "which other program uses the same key.",
            )
        case _ if found.observed.last is not None and not is_json(found.observed.last):
            return _not_the_crm(error)
        case _:
            return problem(
                "UNREACHABLE",
                f"The CRM does not answer properly. {error.message}{_crm_message(error)}",
                "Check CRM_BASE_URL, the network and any proxy between here and there; then run the doctor again. If "
                "the CRM is only reached through a proxy, HTTPS_PROXY must name it.",
            )


def _not_the_crm(error: CrmError) -> Finding:
    return problem(
        "NOT_THE_CRM",
        f"Something answers at CRM_BASE_URL, but not as the CRM does. {error.message}",
        "CRM_BASE_URL is the address without a path, such as https://api.crmincloud.it, and CRM_VERSION is v1.",
    )


def _refused(refusals: Iterable[CrmRefused]) -> Iterator[Finding]:
    for refusal in refusals:
        if isinstance(refusal, CrmForbidden):
            yield problem(
                "FORBIDDEN",
                f"These credentials may not do what the hub needs. {refusal.message}{_crm_message(refusal)}",
                "Widen the key's scope, or the user's rights, in the CRM's console.",
            )
        else:
            yield warning(
                "NOT_OFFERED",
                f"The CRM declined a read. {refusal.message}{_crm_message(refusal)}",
                "What depends on it could not be examined.",
            )


def _unset(chosen: Chosen) -> Iterator[Finding]:
    needed = ("intake_sub_type_id", "shadow_sub_type_id", "activity_type", "open_state", "completed_state")
    missing = [f"CRM_{name.upper()}" for name in needed if getattr(chosen, name) is None]
    if missing:
        yield problem(
            "NUMBERS_UNSET",
            f"Not set: {', '.join(missing)}.",
            "Set them. The tenant's own sub-types, phases and states are listed below.",
        )


def _sub_types(profile: TenantProfile, chosen: Chosen) -> Iterator[Finding]:
    there = {sub_type.id for sub_type in profile.sub_types}
    named = {
        "CRM_INTAKE_SUB_TYPE_ID": chosen.intake_sub_type_id,
        "CRM_SHADOW_SUB_TYPE_ID": chosen.shadow_sub_type_id,
    }
    for variable, number in named.items():
        if number is not None and number not in there:
            yield problem(
                "SUB_TYPE_UNKNOWN",
                f"{variable} is {number}, and the tenant has no such activity sub-type.",
                "Choose one of those listed below.",
            )
    if chosen.intake_sub_type_id is not None and chosen.intake_sub_type_id == chosen.shadow_sub_type_id:
        yield problem(
            "SUB_TYPES_EQUAL",
            "The activities that the hub writes would have the sub-type that it watches for sales.",
            "Give CRM_SHADOW_SUB_TYPE_ID another one of the sub-types listed below.",
        )


def _phases(profile: TenantProfile, chosen: Chosen) -> Iterator[Finding]:
    if not profile.phases:
        yield warning(
            "PHASES_MISSING", "The tenant shows no opportunity phases.", "Define them in the CRM's console."
        )
    elif not any(phase.status == OPEN_PHASE for phase in profile.phases):
        yield warning(
            "NO_OPEN_PHASE", "No opportunity phase is an open one.", "Check the phases in the CRM's console."
        )
    number = chosen.opportunity_phase_id
    if number is not None and profile.phases and number not in {phase.id for phase in profile.phases}:
        yield problem(
            "PHASE_UNKNOWN",
            f"CRM_OPPORTUNITY_PHASE_ID is {number}, and the tenant has no such phase.",
            "Choose one of those listed below, or leave it unset.",
        )


def _states(profile: TenantProfile, chosen: Chosen) -> Iterator[Finding]:
    if chosen.open_state is not None and chosen.open_state == chosen.completed_state:
        yield problem(
            "STATES_EQUAL",
            "CRM_OPEN_STATE and CRM_COMPLETED_STATE are the same, so an activity would never look finished.",
            "Set CRM_COMPLETED_STATE to the state that a finished activity has in the CRM.",
        )
    unmet = sorted({chosen.open_state, chosen.completed_state} - {None, *profile.states}, key=str)
    if profile.states and unmet:
        yield note(
            "STATE_UNSEEN",
            f"No recent activity has the state {' or '.join(map(str, unmet))}; the states seen are "
            f"{', '.join(map(str, profile.states))}.",
            "Compare CRM_OPEN_STATE and CRM_COMPLETED_STATE with an open and a finished activity.",
        )


def _properties(found: Examination) -> Iterator[Finding]:
    for controller, names in found.properties.items():
        missing = [name for name in WRITTEN[controller] if name not in names]
        if missing:
            yield warning(
                "PROPERTY_MISSING",
                f"A new {controller} of this tenant has no {', '.join(missing)}.",
                "The CRM may ignore or refuse what the hub writes there: generate one record and look at it.",
            )


def _filters(profile: TenantProfile) -> Iterator[Finding]:
    for verdict, told_of in _OF_VERDICT.items():
        searches = [one for one in FILTERS if profile.filters.get(key_of(*one)) is verdict]
        if searches:
            yield told_of(
                ", ".join(f"{controller} by {' and '.join(names)}" for controller, names in searches)
            )
    if polls_by_id(profile.filters):
        yield warning(
            "POLLED_BY_ID",
            "The search can filter activities neither by sub-type nor by date, so sales are found by their ids.",
            "A sale that is corrected after it was read is not read again: import it by its id.",
        )


def _rows(found: Examination) -> Iterator[Finding]:
    for controller, rows in found.profile.rows.items():
        if rows is Rows.PARTIAL:
            yield warning(
                "ROWS_PARTIAL",
                f"A search for {controller} does not show whole records.",
                "Nothing to do: the hub reads each one by its id, which costs a call for each.",
            )
    for controller, rows_at_most in found.page_cap.items():
        yield warning(
            "PAGES_CAPPED",
            f"A search for {controller} shows {rows_at_most} rows at most, fewer than CRM_PAGE_SIZE asks for.",
            "Nothing to do: the hub reads on. Without a profile, the hub would treat such a page as the last.",
        )


def _hidden(found: Examination) -> Iterator[Finding]:
    for controller, count in found.hidden_count.items():
        yield problem(
            "SEARCH_HIDES",
            f"The newest {count} of {controller} are in the CRM's list, but its search does not show them, though they "
            "are old.",
            "Compare the rights of the user, or of the key, with the owners of these records, and ask the vendor. "
            "Until this is settled, the hub may treat existing records as missing.",
        )


def _dates(found: Examination, chosen: Chosen) -> Iterator[Finding]:
    if found.profile.zone is not None and found.profile.zone != chosen.zone:
        yield warning(
            "ZONE_DIFFERS",
            f"The CRM's dates are those of {found.profile.zone}, and CRM_ZONE says {chosen.zone}.",
            f"The hub follows the CRM. Set CRM_ZONE={found.profile.zone} to agree.",
        )
    elif found.zoneless and found.profile.zone is None:
        yield note(
            "ZONE_UNPROVEN",
            f"The CRM writes dates without a zone, and which one could not be determined: {chosen.zone} is assumed.",
            "Compare a date in the CRM with the same one in the hub.",
        )
    skew = found.observed.skew
    if skew is not None and abs(skew.total_seconds()) > LARGEST_SKEW:
        late = "behind" if skew.total_seconds() > 0 else "ahead of"
        yield problem(
            "CLOCKS_DIFFER",
            f"This machine's clock is {abs(skew.total_seconds()):.0f} seconds {late} the CRM's.",
            "Synchronise it (NTP): a new sale could seem old.",
        )


def _lag(profile: TenantProfile, chosen: Chosen) -> Iterator[Finding]:
    if profile.lag_seen is None:
        yield note(
            "LAG_UNMEASURED",
            "How far the search lags behind a write cannot be measured by reading; no lag was seen. "
            f"HUB_LAG_BOUND_SECONDS, {chosen.lag_bound:g}, is believed.",
        )
    elif profile.lag_seen > chosen.lag_bound:
        yield problem(
            "SEARCH_LAGS",
            f"The search does not show a record that was made {profile.lag_seen:.0f} seconds ago.",
            "The hub waits at least that long before it treats a record as missing. "
            "Set HUB_LAG_BOUND_SECONDS and HUB_POLL_OVERLAP_SECONDS well above it.",
        )
    else:
        yield note("LAG_SEEN", f"The search lags by {profile.lag_seen:.0f} seconds or more.")


def _rate_headers(found: Examination) -> Iterator[Finding]:
    if found.observed.rate_headers:
        limits = ", ".join(f"{name}: {value}" for name, value in sorted(found.observed.rate_headers.items()))
        yield note(
            "RATE_TOLD", f"The CRM states its limits: {limits}.", "Compare with HUB_CRM_CALLS_PER_MINUTE."
        )


def _crm_message(error: CrmError) -> str:
    return f" It says: {error.crm_message}" if error.crm_message else ""


_OF_VERDICT: Mapping[Verdict, Callable[[str], Finding]] = {
    Verdict.REFUSED: lambda searches: warning(
        "FILTER_REFUSED",
        f"The CRM refuses to search {searches}.",
        "Nothing to do: the hub uses another, slower way.",
    ),
    Verdict.IGNORED: lambda searches: warning(
        "FILTER_IGNORED",
        f"The CRM shows everything when asked to search {searches}.",
        "Nothing to do: the hub reads all of it and compares by itself, which costs more calls.",
    ),
    Verdict.BLIND: lambda searches: warning(
        "FILTER_BLIND",
        f"The CRM does not find a record that is known to be there, and does not say why, in searches of {searches}.",
        "The hub never trusts these searches and uses another, slower way. Without a profile it would trust them.",
    ),
    Verdict.UNPROVEN: lambda searches: note(
        "FILTER_UNPROVEN",
        f"There is no record yet to prove that the CRM can search {searches}.",
        "Run the doctor again once there is one. Until then, an empty answer makes the hub read everything.",
    ),
}
