"""What is stored about our CRM tenant: its identity and its profile."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, NoReturn

import structlog
from pydantic import TypeAdapter, ValidationError

from models import CrmLogin, StoredProfile, TenantBinding
from services.actions import forget_costs
from services.crm.crm_in_cloud.identity import TenantIdentity, address_of
from services.crm.crm_in_cloud.profile import TenantProfile
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.errors import CrmUnavailable, WrongTenant

CRM = "crm"
"""The name of the binding; a database has one."""

log = structlog.get_logger(__name__)

_PROFILE = TypeAdapter(TenantProfile)


class Binding:
    """Binds the database to one tenant of the CRM: the first that answers, until an operator rebinds it.

    Implements `services.crm.crm_in_cloud.identity.TenantGuard`. `stranger` is another tenant that answered.
    """

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self.stranger: WrongTenant | None = None
        self._clock = clock
        self._broken = asyncio.Event()

    async def admit(self, identity: TenantIdentity) -> None:
        await _bind(identity, at=self._clock())
        bound = await bound_to()
        if bound is None or bound == identity:
            return
        if bound.is_named_by_crm and not identity.is_named_by_crm:
            raise CrmUnavailable(
                f"The CRM does not say which tenant it is, and this database belongs to {bound}: nothing was sent. "
                "The key needs the right to read Auth/Me."
            )
        self._refuse(bound, str(identity))

    async def check_address(self, base_url: str) -> None:
        """Refuse a wrong address before anything, including the password, is sent there."""
        bound = await bound_to()
        if bound is not None and bound.address != address_of(base_url):
            self._refuse(bound, f"a CRM at {address_of(base_url)}")

    async def broken(self) -> None:
        """Return once another tenant has answered."""
        await self._broken.wait()

    def _refuse(self, bound: TenantIdentity, met: str) -> NoReturn:
        self.stranger = WrongTenant(
            f"This database belongs to {bound}, and the CRM_ variables lead to {met}: nothing was sent there. "
            "Correct them, or bind the database to the other CRM with `python -m server crm rebind`."
        )
        self._broken.set()
        raise self.stranger


async def bound_to() -> TenantIdentity | None:
    """Return the tenant that the open database belongs to. None: before the first contact."""
    row = await TenantBinding.get_or_none(name=CRM)
    return None if row is None else TenantIdentity(row.address, row.tenant)


async def rebind(identity: TenantIdentity, *, at: datetime) -> TenantIdentity | None:
    """Bind the database to this tenant and return the previous one.

    The tokens of the previous tenant are deleted, and the costs of look-ups are measured again.
    """
    before = await bound_to()
    await _bind(identity, at=at)
    await TenantBinding.filter(name=CRM).update(address=identity.address, tenant=identity.tenant, bound_at=at)
    await CrmLogin.all().delete()
    await forget_costs()
    return before


async def _bind(identity: TenantIdentity, *, at: datetime) -> None:
    """Store the first tenant. Only one of several processes writes it, and it never replaces another."""
    if await bound_to() is None:
        row = TenantBinding(name=CRM, address=identity.address, tenant=identity.tenant, bound_at=at)
        await TenantBinding.bulk_create([row], ignore_conflicts=True)


async def store_profile(profile: TenantProfile, settings: CrmSettings) -> None:
    """Store a profile. The later of two examinations counts, in whichever order they are stored.

    It replaces the measured costs of look-ups.
    """
    account = account_of(settings)
    columns = {"probed_at": profile.probed_at, "profile": profile_as_json(profile)}
    await StoredProfile.bulk_create([StoredProfile(account=account, **columns)], ignore_conflicts=True)
    await StoredProfile.filter(account=account, probed_at__lt=profile.probed_at).update(**columns)
    await forget_costs()


async def find_profile(settings: CrmSettings) -> TenantProfile | None:
    """Return the profile of these credentials. None also stands for a profile in the form of another version."""
    stored = await StoredProfile.get_or_none(account=account_of(settings))
    if stored is None:
        return None
    try:
        return _PROFILE.validate_python(stored.profile)
    except ValidationError:
        log.warning("tenant_profile_unreadable", probed_at=_day(stored.probed_at))
        return None


def profile_as_json(profile: TenantProfile) -> dict[str, Any]:
    written: dict[str, Any] = _PROFILE.dump_python(profile, mode="json")
    return written


def account_of(settings: CrmSettings) -> str:
    """Return the key of the profile: other credentials may belong to another tenant, or see less of this one."""
    return sha256(f"{settings.username} with {settings.api_key} at {settings.base_url}".encode()).hexdigest()


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"
