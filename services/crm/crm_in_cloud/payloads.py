"""From our drafts to the JSON that CRM in Cloud accepts: pure. Fields that a draft leaves open are not sent."""

from datetime import date, datetime
from decimal import Decimal

from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.records import ActivityChanges, ActivityDetails, OpportunityDraft, SaleDraft
from services.crm.references import mark, mark_first_line, origin

Payload = dict[str, object]

COMPANY = 0
OPEN = 1


def opportunity_payload(draft: OpportunityDraft, *, settings: CrmSettings, now: datetime) -> Payload:
    return _given(
        title=mark(draft.title, draft.reference),
        code=draft.reference,
        description=mark_first_line(draft.description, origin(draft.sale_id)),
        crossId=draft.company_id,
        crossType=COMPANY,
        status=OPEN,
        phase=settings.opportunity_phase_id,
        category=settings.opportunity_category_id,
        amount=_number(draft.amount),
        closeDate=f"{now.astimezone(settings.zone):%Y-%m-%dT%H:%M:%S}",
        ownerId=_owner(draft.owner_id, settings),
    )


def activity_payload(
    opportunity_id: int, milestone_name: str, *, details: ActivityDetails, settings: CrmSettings
) -> Payload:
    return _given(
        subject=mark(milestone_name, details.reference),
        description=mark_first_line(details.description, details.reference),
        companyId=details.company_id,
        opportunityId=opportunity_id,
        ownerId=_owner(details.owner_id, settings),
        type=settings.activity_type,
        subTypeId=settings.shadow_sub_type_id,
        state=_state(details.completed, settings),
        **_day(details.due_on),
    )


def sale_payload(draft: SaleDraft, *, settings: CrmSettings) -> Payload:
    return _given(
        subject=mark(draft.subject, draft.reference),
        description=mark_first_line(draft.description, draft.reference),
        companyId=draft.company_id,
        ownerId=_owner(draft.owner_id, settings),
        type=settings.activity_type,
        subTypeId=settings.intake_sub_type_id,
        state=_state(True, settings),
        **_day(draft.sold_on),
    )


def changes_payload(changes: ActivityChanges, *, settings: CrmSettings) -> Payload:
    name = changes.milestone_name
    return _given(
        subject=None if name is None else mark(name, changes.reference),
        ownerId=changes.owner_id,
        opportunityId=changes.opportunity_id,
        state=None if changes.completed is None else _state(changes.completed, settings),
        **({} if changes.due_on is None else _day(changes.due_on)),
    )


def _given(**fields: object) -> Payload:
    return {name: value for name, value in fields.items() if value is not None}


def _owner(owner_id: int | None, settings: CrmSettings) -> int | None:
    return settings.default_owner_id if owner_id is None else owner_id


def _state(completed: bool, settings: CrmSettings) -> int:
    return settings.completed_state if completed else settings.open_state


def _day(day: date) -> Payload:
    # Noon stays on its day in whichever zone the CRM reads a date without one.
    noon = f"{day:%Y-%m-%d}T12:00:00"
    return {"activityDate": noon, "activityEndDate": noon, "allDay": True}


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)
