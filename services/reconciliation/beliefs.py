"""What our rows say that the CRM holds for a company, and what is still to come of it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from tortoise.expressions import Q

from models import ActionItem, Company, CrmActivity, Opportunity, UnmatchedOpportunity
from models.identity import ID_LENGTH
from services import activities, opportunities, opportunity_repairs, opportunity_sync, ticket_creation
from services.actions.second_look import LOOK
from services.planning.opportunity_facts import own_code
from services.planning.reconciliation import Believed
from services.shadows import UPDATE
from services.vocabulary import CrmActivityRole, EffectKind, Explanation, FlagKind, ItemOutcome

MADE_BY = {
    opportunities.CREATE: EffectKind.OPPORTUNITY,
    opportunities.RECREATE: EffectKind.OPPORTUNITY,
    activities.CREATE: EffectKind.ACTIVITY,
    ticket_creation.CREATE: EffectKind.SALE,
}
FLAGGED_FIELD: dict[str, set[str]] = {FlagKind.MOVED: {"company"}, FlagKind.RENAMED: {"code"}}
REPAIRS = (opportunity_repairs.REPAIR, opportunities.RECREATE)
ENDED_WITH_A_RECORD = (ItemOutcome.CREATED, ItemOutcome.ADOPTED)


async def list_beliefs(company: Company) -> list[Believed]:
    """Every CRM record that we take for an effect of ours, or for the sale that one goes back to."""
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
    """By reference: the records that may be there before we know, or more than once as we know already."""
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
    """The opportunities that were made or adopted here once, until a repair had another take their place."""
    finished = ActionItem.filter(action__company_id=company.id, outcome__in=ENDED_WITH_A_RECORD)
    mirrored = await Opportunity.filter(company_id=company.id)
    repairs = await ActionItem.filter(kind__in=REPAIRS, key__in=[one.id for one in mirrored])
    repaired_ids = {item.key for item in repairs}
    repaired = {own_code(one.code or "") for one in mirrored if one.id in repaired_ids}
    once = await finished.filter(kind__in=[*MADE_BY, opportunity_sync.FOUND])
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
        shows={
            "company": company.crm_id,
            "present": one.missing_since is None,
            "code": own_code(one.carried_code or one.code or ""),
            "title": one.title,
            "amount": one.amount,
            "status": one.status,
            # Nobody has looked at the phase of an opportunity that we only made.
            **({} if one.phase is None else {"phase": one.phase}),
        },
    )


def _flagged(one: Opportunity) -> frozenset[str]:
    """What a synchronisation has found wrong with it."""
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
            # Where we name no owner, the CRM has its own.
            **({} if owner is None else {"owner": owner}),
        },
    )


def _sale(one: CrmActivity, company: Company) -> Believed:
    """Of a sale we believe that it is there and whose it is; its words are the seller's."""
    return Believed(
        kind=EffectKind.SALE, crm_id=one.crm_id, since=one.created_at, shows={"company": company.crm_id}
    )


async def _last_updates(shadows: Collection[CrmActivity]) -> dict[str, ActionItem]:
    items = await ActionItem.filter(kind=UPDATE, key__in=[one.id for one in shadows])
    return {item.key: item for item in _last_of_each(items)}


def _why_behind(update: ActionItem) -> Explanation | None:
    """Why the CRM does not show yet what we want; without a reason it was forgotten."""
    if update.open_key is not None:
        return Explanation.UNDER_WAY
    if update.outcome in (ItemOutcome.FAILED, ItemOutcome.NEEDS_ATTENTION):
        return Explanation.WAITS_FOR_PERSON
    return Explanation.CALLED_OFF if update.outcome == ItemOutcome.CANCELLED else None


async def _only_in_the_ledger(
    company: Company, known: Iterable[Believed], keys: Collection[str | None]
) -> list[Believed]:
    """What an action's end tells of, and no mirror: every effect has one, so this is a mistake of ours."""
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
    """The references of the lanes for which a second look has put doubles down for a person."""
    looks = _last_of_each(await ActionItem.filter(kind=LOOK, action__company_id=company.id))
    keys = [one.key for one in looks if one.outcome == ItemOutcome.NEEDS_ATTENTION]
    items = [key for key in keys if len(key) == ID_LENGTH]
    looked_at = await ActionItem.filter(Q(lane__in=keys) | Q(id__in=items))
    return [one.reference for one in looked_at]


async def _last_creates(company: Company) -> list[ActionItem]:
    return _last_of_each(await ActionItem.filter(kind__in=list(MADE_BY), action__company_id=company.id))


def _last_of_each(items: Iterable[ActionItem]) -> list[ActionItem]:
    """Of the items for one effect, the one that was decided last."""
    ordered = sorted(items, key=lambda item: (item.created_at, item.id))
    return list({(item.kind, item.key): item for item in ordered}.values())
