"""The refusals that a waiting operator gets when the CRM fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC

from services.crm.errors import CrmError, CrmRefused, CrmUnavailable, LoginRefused
from services.errors import Refusal


class CrmDidNotAnswer(Refusal):
    """The CRM cannot be reached or its answer makes no sense; nothing was written. Try again later."""

    code = "CRM_UNAVAILABLE"


class CrmPaused(Refusal):
    """The CRM asked for a pause of all calls; nothing was written."""

    code = "CRM_PAUSED"


class CrmDeclined(Refusal):
    """The CRM understood and declined; nothing was written."""

    code = "CRM_REFUSED"
    crm_words: str | None

    def __init__(self, message: str, *, crm_words: str | None = None) -> None:
        super().__init__(message)
        self.crm_words = crm_words

    def __str__(self) -> str:
        return f"{self.message} It says: {self.crm_words}" if self.crm_words else self.message


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the failures of a read from the CRM into refusals."""
    try:
        yield
    except CrmRefused as error:
        raise CrmDeclined(
            f"The CRM declined. {error.message}", crm_words=error.crm_message or None
        ) from error
    except LoginRefused as error:
        raise CrmDidNotAnswer(f"{error.message} Nothing was written.") from error
    except CrmUnavailable as error:
        if error.paused_until is None:
            raise _no_answer() from error
        until = f"{error.paused_until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        raise CrmPaused(f"The CRM asked for a pause until {until}; nothing was written.") from error
    except CrmError as error:
        raise _no_answer() from error


def _no_answer() -> CrmDidNotAnswer:
    return CrmDidNotAnswer("The CRM does not answer properly now; nothing was written.")
