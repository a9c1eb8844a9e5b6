"""What is known of the CRM tenant that we work with, kept from one look to the next."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError

from models import StoredProfile
from services.actions import forget_costs
from services.crm.profile import TenantProfile
from services.crm.settings import CrmSettings

log = structlog.get_logger(__name__)

_PROFILE = TypeAdapter(TenantProfile)


async def store_profile(profile: TenantProfile, settings: CrmSettings) -> None:
    """Keep what was proven; of two looks the later one counts, in whichever order they are kept.

    It takes the place of what look-ups were seen to cost.
    """
    account = account_of(settings)
    columns = {"probed_at": profile.probed_at, "profile": profile_as_json(profile)}
    await StoredProfile.bulk_create([StoredProfile(account=account, **columns)], ignore_conflicts=True)
    await StoredProfile.filter(account=account, probed_at__lt=profile.probed_at).update(**columns)
    await forget_costs()


async def find_profile(settings: CrmSettings) -> TenantProfile | None:
    """What was proven with these credentials; None also for what another version of the program wrote differently."""
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
    """Whose profile it is: other credentials may belong to another tenant, or see less of this one."""
    return sha256(f"{settings.username} with {settings.api_key} at {settings.base_url}".encode()).hexdigest()


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"
