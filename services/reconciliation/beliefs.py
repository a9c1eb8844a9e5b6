"""What the CRM should hold for a company according to our rows, and what is still in progress."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from tortoise.expressions import Q

from models import ActionItem, Company, CrmActivity, Opportunity, UnmatchedOpportunity
from models.identity import ID_LENGTH
from services.planning.reconciliation import Believed
from services.planning.tickets.codes import own_code
from services.vocabulary import CrmActivityRole, EffectKind, Explanation, FlagKind, ItemKind, ItemOutcome

MADE_BY: dict[str, EffectKind] = {
    ItemKind.CREATE_OPPORTUNITY: EffectKind.OPPORTUNITY,
    ItemKind.RECREATE_OPPORTUNITY: EffectKind.OPPORTUNITY,
    ItemKind.CREATE_ACTIVITY: EffectKind.ACTIVITY,
    ItemKind.CREATE_SALE: EffectKind.SALE,
}
FLAGGED_FIELD: dict[str, set[str]] = {FlagKind.MOVED: {"company"}, FlagKind.RENAMED: {"code"}}
REPAIRS = (ItemKind.REPAIR_OPPORTUNITY, ItemKind.RECREATE_OPPORTUNITY)
ENDED_WITH_A_RECORD = (ItemOutcome.CREATED, ItemOutcome.ADOPTED)


async def list_beliefs(company: Company) -> list[Believed]:
    """List every CRM record that should be an effect of ours, or the sale behind one."""
    mirrored = await Opportunity.filter(company_id=company.id).order_by("id")
    shadows = await CrmActivity.filter(opportunity_id__in=[one.id for one in mirrored]).order_by("id")
    sources = await CrmActivity.filter(role=CrmActivityRole.SOURCE, ticket__company_id=company.id).order_by(
        "id"
    )
    updates = await _last_updates(shadows)
    by_id = {one.id: one for one in mirrored}
    known = [
        *(_opportunity(one, company) for one in mirrored),
        *(_shadow(one, by_id[one.opportunity_id or ""], company, updates.get(one.id)) for one in shadows),
        *(_sale(one, company) for one in sources),
    ]
    keys = {one.ticket_line_id for one in mirrored} | {one.id for one in mirrored}
    keys |= {one.milestone_id for one in shadows}
    return [*known, *await _only_in_the_ledger(company, known, keys)]


async def list_work(company: Company) -> Mapping[str, Explanation]:
    """Return, by reference, the records that may exist before we know, and those known to exist more than once."""
    work = dict.fromkeys(await _references_found_twice(company), Explanation.WAITS_FOR_PERSON)
    for item in await _last_creates(company):
        if item.open_key is not None:
            work[item.reference] = Explanation.UNDER_WAY
        elif item.outcome == ItemOutcome.NEEDS_ATTENTION:
            work[item.reference] = Explanation.WAITS_FOR_PERSON
    return work


async def list_unmatched(company: Company) -> frozenset[int]:
    return frozenset([one.crm_id for one in await UnmatchedOpportunity.filter(company_id=company.id)])


async def list_replaced(company: Company) -> frozenset[int]:
    """Return the opportunities that were once created or adopted here and that a repair has replaced."""
    finished = ActionItem.filter(action__company_id=company.id, outcome__in=ENDED_WITH_A_RECORD)
    mirrored = await Opportunity.filter(company_id=company.id)
    repairs = await ActionItem.filter(kind__in=REPAIRS, key__in=[one.id for one in mirrored])
    repaired_ids = {item.key for item in repairs}
    repaired = {own_code(one.code or "") for one in mirrored if one.id in repaired_ids}
    once = await finished.filter(kind__in=[*MADE_BY, ItemKind.SYNC_OPPORTUNITY])
    return frozenset(
        one.crm_id for one in once if one.crm_id is not None and own_code(one.reference) in repaired
    ) - {one.crm_id for one in mirrored}


def _opportunity(one: Opportunity, company: Company) -> Believed:
    return Believed(
        kind=EffectKind.OPPORTUNITY,
        crm_id=one.crm_id,
        reference=one.code,
        since=one.refreshed_at,
        flagged=_flagged(one),
        # An opportunity that was made by hand in the CRM does not carry our code.
        may_lack=frozenset() if one.carried_code else frozenset({"code"}),
        shows={
            "company": company.crm_id,
            "present": one.missing_since is None,
            "code": own_code(one.carried_code or one.code or ""),
            "title": one.title,
            "amount": one.amount,
            "status": one.status,
            # The phase of an opportunity that we only created is not known.
            **({} if one.phase is None else {"phase": one.phase}),
        },
    )


def _flagged(one: Opportunity) -> frozenset[str]:
    """Return the problem that a synchronisation found."""
    gone = {"present"} if one.missing_since is not None else set()
    return frozenset(gone | FLAGGED_FIELD.get(one.flag or "", set()))


def _shadow(
    one: CrmActivity, opportunity: Opportunity, company: Company, update: ActionItem | None
) -> Believed:
    wanted = one.wanted
    gone = {"present"} if one.missing_since is not None else set()
    is_behind = one.applied_revision < one.desired_revision
    owner = wanted["owner_crm_id"]
    return Believed(
        kind=EffectKind.ACTIVITY,
        crm_id=one.crm_id,
        reference=wanted["reference"],
        since=max((update.finished_at if update else None) or one.created_at, one.created_at),
        flagged=(_flagged(opportunity) & {"present"}) | gone,
        behind=_why_behind(update) if is_behind and update else None,
        shows={
            "company": company.crm_id,
            "opportunity": opportunity.crm_id,
            "reference": wanted["reference"],
            "subject": wanted["subject"],
            "due_on": date.fromisoformat(wanted["due_on"]),
            "completed": wanted["completed"],
            # The CRM sets its own owner if we send none.
            **({} if owner is None else {"owner": owner}),
        },
    )


def _sale(one: CrmActivity, company: Company) -> Believed:
    """Return what we know of a sale: that it exists and whose it is. Its text is the seller's."""
    return Believed(
        kind=EffectKind.SALE, crm_id=one.crm_id, since=one.created_at, shows={"company": company.crm_id}
    )


async def _last_updates(shadows: Collection[CrmActivity]) -> dict[str, ActionItem]:
    items = await ActionItem.filter(kind=ItemKind.UPDATE_ACTIVITY, key__in=[one.id for one in shadows])
    return {item.key: item for item in _last_of_each(items)}


def _why_behind(update: ActionItem) -> Explanation | None:
    """Return why the CRM may lag behind the desired content. None: no update is in progress, so it was forgotten."""
    if update.open_key is not None:
        return Explanation.UNDER_WAY
    if update.outcome in (ItemOutcome.FAILED, ItemOutcome.NEEDS_ATTENTION):
        return Explanation.WAITS_FOR_PERSON
    return Explanation.CALLED_OFF if update.outcome == ItemOutcome.CANCELLED else None


async def _only_in_the_ledger(
    company: Company, known: Iterable[Believed], keys: Collection[str | None]
) -> list[Believed]:
    """List the effects of finished actions that have no mirror row. There should be none: each is a bug of ours."""
    mirrored = {(one.kind, one.crm_id) for one in known}
    return [
        Believed(
            kind=MADE_BY[item.kind],
            crm_id=item.crm_id,
            reference=item.reference,
            since=item.finished_at or item.created_at,
        )
        for item in await _last_creates(company)
        if item.outcome in ENDED_WITH_A_RECORD and item.crm_id is not None
        if item.key not in keys and (MADE_BY[item.kind], item.crm_id) not in mirrored
    ]


async def _references_found_twice(company: Company) -> list[str]:
    """Return the references of the lanes for which a second look-up reported duplicates to a person."""
    looks = _last_of_each(await ActionItem.filter(kind=ItemKind.SECOND_LOOK, action__company_id=company.id))
    keys = [one.key for one in looks if one.outcome == ItemOutcome.NEEDS_ATTENTION]
    items = [key for key in keys if len(key) == ID_LENGTH]
    looked_at = await ActionItem.filter(Q(lane__in=keys) | Q(id__in=items))
    return [one.reference for one in looked_at]


async def _last_creates(company: Company) -> list[ActionItem]:
    return _last_of_each(await ActionItem.filter(kind__in=list(MADE_BY), action__company_id=company.id))


def _last_of_each(items: Iterable[ActionItem]) -> list[ActionItem]:
    """Return the last decided item for each effect."""
    ordered = sorted(items, key=lambda item: (item.created_at, item.id))
    return list({(item.kind, item.key): item for item in ordered}.values())
