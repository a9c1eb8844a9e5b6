"""A read-only examination of one tenant of CRM in Cloud: who we are, what it holds, and what its search can do."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from services.crm.crm_in_cloud.doctor.examination import Examination, ObservedAnswers
from services.crm.crm_in_cloud.doctor.trials import (
    MODIFIED,
    Trial,
    between,
    judge,
    likely_zones,
    plan_trial,
    properties_of,
    readings_of,
)
from services.crm.crm_in_cloud.gateway import Gateway
from services.crm.crm_in_cloud.parsing import Row, Unreadable, id_of, instant, text, user_of
from services.crm.crm_in_cloud.profile import (
    ACTIVITY,
    CATALOG,
    COMPANY,
    FILTERS,
    ONE_OF,
    OPPORTUNITY,
    RELIED_ON,
    Phase,
    Rows,
    SubType,
    TenantProfile,
    Verdict,
    key_of,
    strategy_of,
)
from services.crm.crm_in_cloud.responses import Call, whole
from services.crm.crm_in_cloud.search import (
    EVERYTHING,
    Lookup,
    Unsearchable,
    elements_of,
    not_before,
    understood,
)
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.errors import CrmError, CrmForbidden, CrmRefused

LONGEST_LAG = 3600.0
"""In seconds. A record that a search has not shown for longer is hidden, not late."""

REFERENCES = ("subTypeId", "companyId", "opportunityId", "crossId")
"""Properties that old records may have even if the newest do not."""

READ_BY_ID = 5
"""How many records are read one by one if a search does not show them whole."""


class Probe:
    """Examines one tenant; `sub_type_ids` are those that it should have."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        observed: ObservedAnswers,
        settings: CrmSettings,
        sub_type_ids: Iterable[int],
        at: datetime,
    ) -> None:
        self._gateway = gateway
        self._settings = settings
        self._sub_type_ids = frozenset(sub_type_ids)
        nothing_proven = TenantProfile(probed_at=at)
        self._lookup = Lookup(gateway, strategy=strategy_of(nothing_proven, settings))
        self._zones = likely_zones(settings.zone)
        self._found = Examination(profile=nothing_proven, observed=observed)

    async def examine(self) -> Examination:
        """Ask everything. Whatever the CRM answers, or fails to answer, is part of the result."""
        try:
            await self._see_who_we_are()
            await self._each(self._see_sub_types, self._see_phases)
            for controller in (ACTIVITY, OPPORTUNITY):
                await self._each(
                    partial(self._see_a_new_one, controller), partial(self._see_records, controller)
                )
            await self._each(self._examine_products)
        except CrmError as error:
            self._found.broken_off = error
        return self._found

    async def _each(self, *looks: Callable[[], Awaitable[None]]) -> None:
        for look in looks:
            try:
                await look()
            except CrmRefused as refusal:
                self._found.refused.append(refusal)

    async def _see_who_we_are(self) -> None:
        try:
            body = await self._get("Auth/Me")
        except CrmForbidden as refusal:
            self._found.refused.append(refusal)
            return
        try:
            self._learn(user_id=user_of(body).id)
        except Unreadable:
            return

    async def _see_sub_types(self) -> None:
        rows = {id_of(row): row for row in await self._everything("ActivitySubType", showing="name")}
        for number in self._sub_type_ids - rows.keys():
            row = await self._lookup.row("ActivitySubType", number)
            rows |= {} if row is None else {number: row}
        self._learn(
            sub_types=tuple(
                SubType(id=number, name=text(row.get("name")) or text(row.get("description")))
                for number, row in sorted(rows.items())
            )
        )

    async def _see_phases(self) -> None:
        rows = await self._everything("OpportunityPhase", showing="status")
        self._learn(
            phases=tuple(
                Phase(
                    id=id_of(row),
                    name=text(row.get("description")),
                    status=whole(row.get("status")),
                    weight=whole(row.get("weight")),
                )
                for row in sorted(rows, key=id_of)
            )
        )

    async def _see_a_new_one(self, controller: str) -> None:
        body = await self._get(f"{controller}/GetNewInstance")
        if isinstance(body, dict):
            self._found.properties[controller] = frozenset(map(str, body))

    async def _see_records(self, controller: str) -> None:
        listed = await self._listed(controller)
        self._learn(held={**self._found.profile.held, controller: len(listed)})
        shown = await self._search(controller, EVERYTHING) or []
        self._learn(longest_page=max(len(shown), self._found.profile.longest_page))
        known = await self._known(controller, shown or listed[: -READ_BY_ID - 1 : -1])
        await self._see_page_cap(controller, shown, listed)
        await self._measure_lag(controller, shown, listed)
        for names in [names for owner, names in FILTERS if owner == controller]:
            await self._try(controller, names, known)
        if controller == ACTIVITY:
            self._learn(
                states=tuple(sorted({state for row in known.values() if (state := whole(row.get("state")))}))
            )
            await self._see_company(known)
            await self._find_zone(known)

    async def _examine_products(self) -> None:
        """Find out whether products can be found together; it does not matter which."""
        shown = await self._search(CATALOG, EVERYTHING) or []
        numbers = map(id_of, shown)
        await self._try(CATALOG, (ONE_OF,), {number: {"id": number} for number in numbers})

    async def _listed(self, controller: str) -> list[int]:
        """Return all ids, if the CRM offers a list of them."""
        try:
            return await self._lookup.numbers(controller)
        except CrmForbidden:
            raise
        except CrmRefused as refusal:
            self._found.refused.append(refusal)
            return []

    async def _known(self, controller: str, shown: Sequence[object]) -> dict[int, Row]:
        """Return whole rows of some of the newest records, by id."""
        numbers = [id_of(element) for element in shown]
        if not numbers:
            return {}
        newest = await self._lookup.row(controller, numbers[0])
        rows = (
            Rows.WHOLE if newest is None or _holds(shown[0], newest, RELIED_ON[controller]) else Rows.PARTIAL
        )
        self._learn(rows={**self._found.profile.rows, controller: rows})
        if rows is Rows.WHOLE:
            return {id_of(element): element for element in shown if isinstance(element, dict)}
        others = [await self._lookup.row(controller, number) for number in numbers[1:READ_BY_ID]]
        return {id_of(row): row for row in (newest, *others) if row is not None}

    async def _see_page_cap(self, controller: str, shown: Sequence[object], listed: Sequence[int]) -> None:
        if not 0 < len(shown) < min(self._settings.page_size, len(listed)):
            return
        if await self._search(controller, EVERYTHING, skip=len(shown)):
            self._found.page_cap[controller] = len(shown)

    async def _measure_lag(self, controller: str, shown: Sequence[object], listed: Sequence[int]) -> None:
        """Note the lag: a listed record that a search does not show has been missing since its creation, or longer."""
        numbers = [id_of(element) for element in shown]
        newest_first = numbers == sorted(numbers, reverse=True)
        hidden = [number for number in listed if numbers and newest_first and number > numbers[0]]
        row = await self._lookup.row(controller, hidden[0]) if hidden else None
        age = None if row is None else self._age(row)
        if age is not None and age <= LONGEST_LAG:
            self._learn(lag_seen=max(age, self._found.profile.lag_seen or 0.0))
        elif age is not None:
            self._found.hidden_count[controller] = len(hidden)

    def _age(self, row: Row) -> float | None:
        """Return for how many seconds a record has certainly existed."""
        made_at = (instant(row.get("createdDate"), zone=zone) for zone in self._zones)
        ages = [(self._found.observed.now - at).total_seconds() for at in made_at if at is not None]
        return min((age for age in ages if age >= 0), default=None)

    async def _try(self, controller: str, names: tuple[str, ...], known: dict[int, Row]) -> None:
        trial = plan_trial(names, list(known.values()), zones=self._zones)
        if trial.witness is None and await self._find_witness(controller, names, known):
            trial = plan_trial(names, list(known.values()), zones=self._zones)
        verdict = await self._prove(controller, trial, known)
        self._learn(filters={**self._found.profile.filters, key_of(controller, names): verdict})

    async def _find_witness(self, controller: str, names: tuple[str, ...], known: dict[int, Row]) -> bool:
        """Search for any value of the property. If a record has one, add it to the known rows and return True."""
        if not known or names[0] not in REFERENCES:
            return False
        shown = await self._search(controller, f"{names[0]} gt 0")
        row = await self._lookup.row(controller, id_of(shown[0])) if shown else None
        known |= {} if row is None else {id_of(row): row}
        return row is not None

    async def _prove(self, controller: str, trial: Trial, known: Mapping[int, Row]) -> Verdict:
        elements = await self._search(controller, trial.condition)
        if elements is None:
            return Verdict.REFUSED
        shown = {
            id_of(element): known.get(id_of(element), _row(element, trial.names)) for element in elements
        }
        return judge(trial, shown, page_size=self._found.page_cap.get(controller, self._settings.page_size))

    async def _see_company(self, known: Mapping[int, Row]) -> None:
        number = next(filter(None, (whole(row.get("companyId")) for row in known.values())), None)
        if number is not None:
            await self._lookup.row(COMPANY, number)

    async def _find_zone(self, known: Mapping[int, Row]) -> None:
        """Find the zone of dates without one: in the other zone they would be in the future, or a search disagrees."""
        row = max(known.values(), key=lambda row: text(row.get(MODIFIED)), default={})
        observed = self._found.observed
        read = readings_of(
            row.get(MODIFIED), self._settings.zone, now=observed.now if observed.skew is not None else None
        )
        self._found.zoneless = bool(read)
        searchable = self._found.profile.filters[key_of(ACTIVITY, (MODIFIED,))] is Verdict.SEARCHABLE
        if len(set(read.values())) == 1:
            self._learn(zone=next(iter(read)).key)
        elif read and searchable:
            shown = await self._search(ACTIVITY, not_before(MODIFIED, between(read)))
            if shown is not None:
                reading = max if id_of(row) in map(id_of, shown) else min
                self._learn(zone=reading(read, key=lambda zone: read[zone]).key)

    async def _everything(self, controller: str, *, showing: str) -> list[Row]:
        """Return all rows, by the list of their ids if a search shows none."""
        try:
            if found := await self._lookup.search(controller, EVERYTHING, showing=showing):
                return found
        except Unsearchable:
            pass
        rows = [
            await self._lookup.row(controller, number) for number in await self._lookup.numbers(controller)
        ]
        return [row for row in rows if row is not None]

    async def _search(self, controller: str, condition: str, *, skip: int = 0) -> list[object] | None:
        """Return one page, newest first; None if the CRM refuses the search."""
        query = {
            "$filter": condition,
            "$orderby": "id desc",
            "$top": str(self._settings.page_size),
            "$skip": str(skip),
        }
        call = Call("GET", f"{controller}/Search", query=query)
        try:
            return understood(call, elements_of, await self._gateway.request(call))
        except CrmForbidden:
            raise
        except CrmRefused:
            return None

    async def _get(self, path: str) -> object:
        return await self._gateway.request(Call("GET", path))

    def _learn(self, **facts: object) -> None:
        self._found.profile = replace(self._found.profile, **facts)  # type: ignore[arg-type]


def _holds(element: object, record: Row, names: Iterable[str]) -> bool:
    """Whether an element of a search shows the same values as the record itself."""
    if not isinstance(element, dict):
        return False
    # A search that lags may show another value, but not none.
    return all(element.get(name) is not None for name in names if record.get(name) not in (None, ""))


def _row(element: object, names: Sequence[str]) -> Row:
    return (
        element if isinstance(element, dict) and all(name in element for name in properties_of(names)) else {}
    )
