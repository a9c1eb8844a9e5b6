"""What the doctor says of each thing that can be wrong, in words that say what to do."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.crm.crm_in_cloud.doctor.diagnosis import WRITTEN, Chosen, diagnose, is_out_of_reach
from services.crm.crm_in_cloud.doctor.examination import Examination, ObservedAnswers
from services.crm.crm_in_cloud.doctor.findings import Severity
from services.crm.crm_in_cloud.payloads import activity_payload, opportunity_payload
from services.crm.crm_in_cloud.profile import FILTERS, Phase, Rows, SubType, TenantProfile, Verdict, key_of
from services.crm.crm_in_cloud.responses import Answer
from services.crm.errors import CrmForbidden, CrmRefused, CrmUnavailable, LoginRefused
from services.crm.records import ActivityDetails, OpportunityDraft
from tests.support.recorded_answers import NOW, SETTINGS

CHOSEN = Chosen(
    intake_sub_type_id=1,
    shadow_sub_type_id=2,
    activity_type=7,
    open_state=1,
    completed_state=2,
    opportunity_phase_id=53001,
    zone="Europe/Rome",
    lag_bound=60.0,
)
HEALTHY = TenantProfile(
    probed_at=NOW,
    user_id=2001,
    sub_types=(SubType(id=1, name="Intelligence"), SubType(id=2, name="Operativa")),
    phases=(Phase(id=53001, name="Contatto", status=1, weight=10),),
    states=(1, 2),
    filters={key_of(*one): Verdict.SEARCHABLE for one in FILTERS},
    rows={"Activity": Rows.WHOLE, "Opportunity": Rows.WHOLE},
    longest_page=100,
)
JSON, HTML = Answer(200, b"{}"), Answer(200, b"<html>")


def seen(*, answer: Answer = JSON, skew: float = 0.0, **facts: Any) -> Examination:
    """A healthy tenant, but for these facts about it or its profile."""
    observed = ObservedAnswers(lambda: NOW)
    observed.last, observed.skew = answer, timedelta(seconds=skew)
    observed.rate_headers = facts.pop("rate_headers", {})
    of_profile = {name: facts.pop(name) for name in list(facts) if hasattr(HEALTHY, name)}
    return Examination(profile=replace(HEALTHY, **of_profile), observed=observed, **facts)


def filters(verdict: Verdict, *names: str) -> dict[str, Verdict]:
    return {**HEALTHY.filters, **dict.fromkeys(names, verdict)}


def test_a_healthy_tenant_has_nothing_but_a_note_about_the_lag():
    (finding,) = diagnose(seen(), CHOSEN)

    assert (finding.code, finding.severity) == ("LAG_UNMEASURED", Severity.NOTE)
    assert "HUB_LAG_BOUND_SECONDS, 60" in finding.words


SALES_KEYS = ("Activity.subTypeId+lastModifiedDate", "Activity.subTypeId", "Activity.lastModifiedDate")
P, W, N = Severity.PROBLEM, Severity.WARNING, Severity.NOTE


@pytest.mark.parametrize(
    ("facts", "chosen", "severity", "code", "word"),
    [
        pytest.param({}, {"intake_sub_type_id": None}, P, "NUMBERS_UNSET", "CRM_INTAKE_SUB_TYPE_ID", id="not set"),
        pytest.param({}, {"intake_sub_type_id": 9}, P, "SUB_TYPE_UNKNOWN", "INTAKE_SUB_TYPE_ID is 9", id="no sales"),
        pytest.param({}, {"shadow_sub_type_id": 9}, P, "SUB_TYPE_UNKNOWN", "SHADOW_SUB_TYPE_ID is 9", id="no type"),
        pytest.param({}, {"shadow_sub_type_id": 1}, P, "SUB_TYPES_EQUAL", "watches for sales", id="watches itself"),
        pytest.param({"phases": ()}, {}, W, "PHASES_MISSING", "no opportunity phases", id="no phases"),
        pytest.param(
            {"phases": (Phase(id=53001, name="Vinta", status=3, weight=100),)}, {}, W, "NO_OPEN_PHASE", "open",
            id="all is won",
        ),
        pytest.param({}, {"opportunity_phase_id": 9}, P, "PHASE_UNKNOWN", "PHASE_ID is 9", id="no phase"),
        pytest.param({}, {"open_state": 2}, P, "STATES_EQUAL", "never look finished", id="one state"),
        pytest.param({"states": (1, 5)}, {}, N, "STATE_UNSEEN", "the states seen are 1, 5", id="an unused state"),
        pytest.param(
            {"properties": {"Opportunity": frozenset({"title"})}}, {}, W, "PROPERTY_MISSING", "no code", id="no code"
        ),
        pytest.param(
            {"filters": filters(Verdict.REFUSED, "Opportunity.crossId")}, {}, W, "FILTER_REFUSED", "by crossId",
            id="a filter refused",
        ),
        pytest.param(
            {"filters": filters(Verdict.IGNORED, "Opportunity.crossId")}, {}, W, "FILTER_IGNORED", "everything",
            id="a filter ignored",
        ),
        pytest.param(
            {"filters": filters(Verdict.BLIND, "Opportunity.crossId")}, {}, W, "FILTER_BLIND", "known to be there",
            id="a filter that finds nothing",
        ),
        pytest.param(
            {"filters": filters(Verdict.UNPROVEN, "Opportunity.crossId")}, {}, N, "FILTER_UNPROVEN", "no record",
            id="a filter without a proof",
        ),
        pytest.param(
            {"filters": filters(Verdict.BLIND, *SALES_KEYS)}, {}, W, "POLLED_BY_ID", "by their ids", id="polled by id"
        ),
        pytest.param({"rows": {"Activity": Rows.PARTIAL}}, {}, W, "ROWS_PARTIAL", "whole", id="rows are not whole"),
        pytest.param({"page_cap": {"Activity": 50}}, {}, W, "PAGES_CAPPED", "50 rows at most", id="short pages"),
        pytest.param({"zone": "UTC"}, {}, W, "ZONE_DIFFERS", "those of UTC", id="another zone"),
        pytest.param({"zoneless": True}, {}, N, "ZONE_UNPROVEN", "Europe/Rome is assumed", id="a zone without a proof"),
        pytest.param({"skew": 7200.0}, {}, P, "CLOCKS_DIFFER", "7200 seconds behind", id="a slow clock"),
        pytest.param({"skew": -90.0}, {}, P, "CLOCKS_DIFFER", "90 seconds ahead", id="a fast clock"),
        pytest.param({"lag_seen": 300.0}, {}, P, "SEARCH_LAGS", "300 seconds ago", id="a search that lags too far"),
        pytest.param({"hidden_count": {"Activity": 3}}, {}, P, "SEARCH_HIDES", "newest 3 of Activity", id="hidden"),
        pytest.param({"lag_seen": 5.0}, {}, N, "LAG_SEEN", "5 seconds", id="a search that lags"),
        pytest.param(
            {"rate_headers": {"X-RateLimit-Limit": "60"}}, {}, N, "RATE_TOLD", "X-RateLimit-Limit: 60", id="its limits"
        ),
        pytest.param(
            {"refused": [CrmForbidden("GET Opportunity was refused with 403.", status=403, crm_message="Scope")]},
            {}, P, "FORBIDDEN", "Scope", id="beyond our rights",
        ),
        pytest.param(
            {"refused": [CrmRefused("GET Activity/GetNewInstance was refused with 404.", status=404)]},
            {}, W, "NOT_OFFERED", "GetNewInstance", id="not offered",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words_with_what_to_do(facts, chosen, severity, code, word):
    findings = diagnose(seen(**facts), replace(CHOSEN, **chosen))

    (finding,) = [one for one in findings if one.code == code]
    assert finding.severity is severity
    assert word in finding.words
    assert finding.remedy or code == "LAG_SEEN"


@pytest.mark.parametrize(
    ("error", "answer", "code", "out_of_reach"),
    [
        pytest.param(CrmUnavailable("could not connect"), None, "UNREACHABLE", True, id="nobody is there"),
        pytest.param(CrmUnavailable("answered 500"), JSON, "UNREACHABLE", True, id="the CRM is broken"),
        pytest.param(CrmUnavailable("not JSON"), HTML, "NOT_THE_CRM", True, id="a page in HTML"),
        pytest.param(CrmRefused("404", status=404), JSON, "NOT_THE_CRM", True, id="no such path"),
        pytest.param(LoginRefused("404", status=404), JSON, "NOT_THE_CRM", True, id="no login there"),
        pytest.param(
            CrmUnavailable("429", retry_after=7.0, paused_until=NOW),
            JSON,
            "ASKED_TO_WAIT",
            True,
            id="too many calls",
        ),
        pytest.param(
            LoginRefused("400", status=400), JSON, "CREDENTIALS_REFUSED", False, id="a wrong password"
        ),
        pytest.param(LoginRefused("401", status=401), JSON, "CREDENTIALS_REFUSED", False, id="a wrong key"),
    ],
)
def test_what_ended_the_look_is_said_first_and_nothing_is_guessed_of_the_rest(
    error, answer, code, out_of_reach
):
    found = seen(broken_off=error, answer=answer)

    findings = diagnose(found, CHOSEN)

    assert [one.code for one in findings] == [code]
    assert is_out_of_reach(findings) is out_of_reach
    assert not found.complete


def test_searches_that_fail_alike_are_reported_together():
    found = seen(filters=filters(Verdict.BLIND, "Opportunity.crossId", "Activity.subTypeId+lastModifiedDate"))

    (finding,) = [one for one in diagnose(found, CHOSEN) if one.code == "FILTER_BLIND"]

    assert finding.words.endswith("Activity by subTypeId and lastModifiedDate, Opportunity by crossId.")


def test_the_worst_comes_first():
    found = seen(lag_seen=5.0, skew=7200.0, rows={"Activity": Rows.PARTIAL})

    severities = [finding.severity for finding in diagnose(found, CHOSEN)]

    assert severities == [P, W, N]


def test_what_a_new_record_must_have_is_what_we_write():
    draft = OpportunityDraft(
        company_id=1, sale_id=7, reference="C-1", title="t", amount=Decimal(1), description="d", owner_id=1
    )
    details = ActivityDetails(
        company_id=1, reference="C-1:1", due_on=date(2026, 12, 23), description="d", owner_id=1
    )

    opportunity = opportunity_payload(draft, settings=SETTINGS, now=datetime(2026, 12, 21, tzinfo=NOW.tzinfo))
    activity = activity_payload(7, "Firma", details=details, settings=SETTINGS)

    assert set(opportunity) == set(WRITTEN["Opportunity"])
    assert set(activity) == set(WRITTEN["Activity"])
