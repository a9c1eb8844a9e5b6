"""What the CRM's answers say in addition to their contents."""

from datetime import timedelta

import pytest

from services.crm.crm_in_cloud.doctor.examination import ObservedAnswers
from services.crm.crm_in_cloud.responses import Answer
from tests.support.recorded_answers import NOW


def observed_of(**headers: str) -> ObservedAnswers:
    observed = ObservedAnswers(lambda: NOW)
    observed(Answer(200, b"[]", {name.replace("_", "-"): value for name, value in headers.items()}))
    return observed


def test_the_crm_s_clock_is_the_one_of_its_answers():
    observed = observed_of(Date="Mon, 21 Dec 2026 09:01:30 GMT")

    assert observed.skew == timedelta(seconds=90)
    assert observed.now == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no date"),
        pytest.param({"Date": "soon"}, id="a word"),
        pytest.param({"Date": "Mon, 21 Dec 2026 09:01:30 -0000"}, id="an unknown zone"),
    ],
)
def test_without_a_date_that_says_an_instant_our_clock_counts(headers):
    observed = observed_of(**headers)

    assert (observed.skew, observed.now) == (None, NOW)


def test_headers_about_the_rate_are_kept_and_no_others():
    observed = observed_of(X_RateLimit_Remaining="39", RateLimit_Limit="40", X_Powered_By="ASP.NET")

    assert observed.rate_headers == {"X-RateLimit-Remaining": "39", "RateLimit-Limit": "40"}
