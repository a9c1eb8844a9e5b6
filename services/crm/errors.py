"""How a CRM call can fail.

CrmError
├─ CrmUnavailable      nothing was written; try again later
│  ├─ LoginRefused     the CRM does not accept our credentials, so it would refuse any call
│  └─ CrmNotCalled     the call was not sent; an earlier failure is the reason
│  │  └─ CrmCallsSpent the caller's allowance of calls is used up
│  └─ WrongTenant      this database belongs to another CRM; nothing was sent to this one
├─ CrmRefused          nothing was written; trying again will not help
│  └─ CrmForbidden     these credentials do not permit it
├─ NotOurRecord        nothing was sent: the record to update does not carry our reference
└─ CrmOutcomeUnknown   it may have been written; look it up before trying again

Messages name the call by method and path and may be shown: they hold no secret and no query string.
"""

from datetime import datetime
from typing import ClassVar

from services.vocabulary import AttemptResult

LOGIN_PAUSE = 15.0
"""Seconds after which refused credentials are tried again: the CRM may lock an account that fails too often."""


class CrmError(Exception):
    """A call to the CRM did not do what was asked.

    `message` is our sentence. `crm_message` is the CRM's own explanation without our secrets; it is empty if the CRM
    gave none. `result` is what an attempt that ended so stores.
    """

    result: ClassVar[AttemptResult]

    def __init__(self, message: str, *, crm_message: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.crm_message = crm_message


class CrmUnavailable(CrmError):
    """Nothing was written, and the same call may succeed later.

    `retry_after` is after how many seconds to try again, if that is known. `paused_until` is set when the CRM asked
    every caller to stop, not only this one.
    """

    result = AttemptResult.CRM_UNAVAILABLE

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        paused_until: datetime | None = None,
        crm_message: str = "",
    ) -> None:
        super().__init__(message, crm_message=crm_message)
        self.retry_after = retry_after
        self.paused_until = paused_until


class LoginRefused(CrmUnavailable):
    """The CRM does not accept our credentials. The same call succeeds once it does.

    What the CRM says about them is not kept, because it may repeat them.
    """

    result = AttemptResult.LOGIN_REFUSED

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message, retry_after=LOGIN_PAUSE)
        self.status = status


class CrmNotCalled(CrmUnavailable):
    """The call was not sent, so it has not failed: the circuit is open, or the call slot had expired."""

    result = AttemptResult.NOT_CALLED


class CrmCallsSpent(CrmNotCalled):
    """The call was not sent: its caller's allowance is used up."""


class WrongTenant(CrmUnavailable):
    """Another tenant answers than the one this database belongs to, so nothing was sent to it."""

    result = AttemptResult.WRONG_TENANT


class CrmRefused(CrmError):
    """The CRM understood and declined; nothing was written.

    `duplicate` is true when it declined because it believes that it holds the record already. Then a look-up is
    worthwhile before giving up.
    """

    result = AttemptResult.CRM_REFUSED

    def __init__(self, message: str, *, status: int, crm_message: str = "", duplicate: bool = False) -> None:
        super().__init__(message, crm_message=crm_message)
        self.status = status
        self.duplicate = duplicate


class CrmForbidden(CrmRefused):
    """Our credentials do not permit the call."""

    result = AttemptResult.CRM_FORBIDDEN


class NotOurRecord(CrmError):
    """The record to update is gone or does not carry our reference, so nothing was sent. A person must decide."""

    result = AttemptResult.NOT_OUR_RECORD


class CrmOutcomeUnknown(CrmError):
    """The request may have been carried out; only a look-up in the CRM shows it."""

    result = AttemptResult.OUTCOME_UNKNOWN
