"""What the CRM's answers say besides their contents."""

from datetime import timedelta

import pytest

from services.crm.answers import Answer
from services.crm.examination import Heard
from tests.services.crm.recorded import NOW


def heard_of(**headers: str) -> Heard:
    heard = Heard(lambda: NOW)
    heard(Answer(200, b"[]", {name.replace("_", "-"): value for name, value in headers.items()}))
    return heard


def test_the_crm_s_clock_is_the_one_of_its_answers():
    heard = heard_of(Date="Mon, 21 Dec 2026 09:01:30 GMT")

    assert heard.skew == timedelta(seconds=90)
    assert heard.now == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no date"),
        pytest.param({"Date": "soon"}, id="a word"),
        pytest.param({"Date": "Mon, 21 Dec 2026 09:01:30 -0000"}, id="an unknown zone"),
    ],
)
def test_without_a_date_that_says_an_instant_our_clock_counts(headers):
    heard = heard_of(**headers)

    assert (heard.skew, heard.now) == (None, NOW)


def test_headers_about_the_rate_are_kept_and_no_others():
    heard = heard_of(X_RateLimit_Remaining="39", RateLimit_Limit="40", X_Powered_By="ASP.NET")

    assert heard.rate_headers == {"X-RateLimit-Remaining": "39", "RateLimit-Limit": "40"}
