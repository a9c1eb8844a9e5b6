"""How a CRM call can fail.

CrmError
├─ CrmUnavailable      nothing was written; try again later
│  └─ CrmNotCalled     it was not even asked; why it could not be, somebody has heard before
│     └─ CrmCallsSpent the caller had allowed itself no more calls
├─ CrmRefused          nothing was written; trying again will not help
│  └─ CrmForbidden     these credentials may not do it
│     └─ LoginRefused  nor anything else: they do not even let us in
└─ CrmOutcomeUnknown   it may have been written; look before trying again

Messages name the call by method and path and may be shown: they hold no secret and no query string.
"""

from datetime import datetime


class CrmError(Exception):
    """A call to the CRM did not do what was asked.

    `crm_message` is the CRM's own explanation, without our secrets; it is empty where the CRM gave none.
    """

    def __init__(self, message: str, *, crm_message: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.crm_message = crm_message


class CrmUnavailable(CrmError):
    """Nothing was written, and the same call may succeed later.

    `retry_after` is after how many seconds to try again, where that is known. `paused_until` is there when the CRM
    asked every caller to stop, not only this one.
    """

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


class CrmNotCalled(CrmUnavailable):
    """The call was not sent, and so has not failed: the CRM is left alone for a while, or the turn had passed."""


class CrmCallsSpent(CrmNotCalled):
    """The call was not sent: whoever asked had allowed itself no more."""


class CrmRefused(CrmError):
    """The CRM understood and declined; nothing was written.

    `duplicate` is true when it declined because it believes to hold the record already, which is worth a look before
    giving up.
    """

    def __init__(self, message: str, *, status: int, crm_message: str = "", duplicate: bool = False) -> None:
        super().__init__(message, crm_message=crm_message)
        self.status = status
        self.duplicate = duplicate


class CrmForbidden(CrmRefused):
    """The CRM does not accept our credentials, or they do not reach this far."""


class LoginRefused(CrmForbidden):
    """The CRM did not exchange our credentials for a token."""


class CrmOutcomeUnknown(CrmError):
    """The request may have been carried out; only a look into the CRM can tell."""
