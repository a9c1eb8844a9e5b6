"""What an operator who waits for an answer is told when the CRM fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.crm.errors import CrmError, CrmRefused
from services.errors import Refusal


class CrmDidNotAnswer(Refusal):
    """The CRM cannot be reached, or makes no sense; nothing was written, and trying again later may help."""

    code = "CRM_UNAVAILABLE"


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
    except CrmError as error:
        raise CrmDidNotAnswer("The CRM does not answer properly now; nothing was written.") from error
