"""What an operator who waits for an answer is told when the CRM fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC

from services.crm.errors import CrmError, CrmRefused, CrmUnavailable
from services.errors import Refusal


class CrmDidNotAnswer(Refusal):
    """The CRM cannot be reached, or makes no sense; nothing was written, and trying again later may help."""

    code = "CRM_UNAVAILABLE"


class CrmPaused(Refusal):
    """The CRM asked all of us to stop calling for a while; nothing was written."""

    code = "CRM_PAUSED"


class CrmDeclined(Refusal):
    """The CRM understood and declined; nothing was written."""

    code = "CRM_REFUSED"


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a read of the CRM can fail with into a refusal."""
    try:
        yield
    except CrmRefused as error:
        raise CrmDeclined(f"The CRM declined: {error.crm_message or error.message}") from error
    except CrmUnavailable as error:
        if error.paused_until is None:
            raise _no_answer() from error
        until = f"{error.paused_until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        raise CrmPaused(f"The CRM asked for a pause until {until}; nothing was written.") from error
    except CrmError as error:
        raise _no_answer() from error


def _no_answer() -> CrmDidNotAnswer:
    return CrmDidNotAnswer("The CRM does not answer properly now; nothing was written.")
