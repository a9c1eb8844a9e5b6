"""What we believe to be in the CRM against what it holds, record by record."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.planning.codes import making
from services.planning.opportunity_facts import own_code
from services.vocabulary import EffectKind, Explanation, Verdict

REFRESHED_BY_SYNC = frozenset({"phase", "status", "present"})
"""What the CRM decides, and our mirror takes over with the next synchronisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """A record that we believe the CRM to hold, with what it `shows`, as far as we have a say or a mirror.

    `since` is when we last wrote or saw it. `flagged` names what we know already to be wrong there, "present" where it
    is gone. `behind` says why the CRM may not yet show what we want.
    """

    kind: EffectKind
    crm_id: int
    since: datetime
    reference: str | None = None
    shows: Mapping[str, object] = field(default_factory=dict)
    flagged: frozenset[str] = frozenset()
    behind: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record that the CRM holds; with a `reference` of ours we wrote it, or somebody copied what we wrote."""

    kind: EffectKind
    crm_id: int
    reference: str | None = None
    shows: Mapping[str, object] = field(default_factory=dict)
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else is known. `work`: by reference, why a record may be there that we do not know yet.

    `unmatched`: opportunities that wait for an operator to say where they belong. `replaced`: records that others have
    taken the place of. `asked_for`: records that the CRM was asked for by their id; of all others only a search tells,
    which may lag by `lag_bound`.
    """

    read_at: datetime
    lag_bound: timedelta
    work: Mapping[str, Explanation] = field(default_factory=dict)
    unmatched: frozenset[int] = frozenset()
    replaced: frozenset[int] = frozenset()
    asked_for: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a record shows, as we have it and as the CRM has it."""

    name: str
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record, believed in or found. `double_of` is another record that carries the same reference."""

    kind: EffectKind
    crm_id: int
    reference: str | None
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    explanation: Explanation | None = None
    double_of: int | None = None

    @property
    def unexplained(self) -> bool:
        """Whether a person has to find out how this came about."""
        return self.verdict is not Verdict.MATCHED and self.explanation is None


def reconcile(
    believed: Sequence[Believed], held: Sequence[Held], circumstances: Circumstances
) -> tuple[Row, ...]:
    """A row for each record that we believe in, and for each one with our reference that we do not know.

    What others have in the CRM, and we neither wrote nor know, is no concern of ours.
    """
    holding = {_place(one): one for one in held}
    known = {_place(one) for one in believed}
    rows = [
        *(_judged(one, holding.get(_place(one)), circumstances) for one in believed),
        *_extra([one for one in held if _place(one) not in known], believed, circumstances),
    ]
    return tuple(sorted(rows, key=lambda row: (list(EffectKind).index(row.kind), row.crm_id)))


def _place(record: Believed | Held) -> tuple[bool, int]:
    """Sales and milestones are activities alike, and the CRM counts them together."""
    return record.kind is EffectKind.OPPORTUNITY, record.crm_id


def _judged(believed: Believed, held: Held | None, circumstances: Circumstances) -> Row:
    differences = _differences(believed, held) if held else ()
    if held is None:
        verdict, explanation = Verdict.MISSING, _why_missing(believed, circumstances)
    elif differences:
        verdict, explanation = Verdict.DIFFERENT, _why_different(believed, held, differences, circumstances)
    else:
        verdict, explanation = Verdict.MATCHED, None
    return Row(
        kind=believed.kind,
        crm_id=believed.crm_id,
        reference=believed.reference,
        verdict=verdict,
        differences=differences,
        explanation=explanation,
    )


def _differences(believed: Believed, held: Held) -> tuple[Difference, ...]:
    """What a record does not tell cannot differ."""
    pairs = {name: (ours, held.shows[name]) for name, ours in believed.shows.items() if name in held.shows}
    return tuple(
        Difference(name, _words(ours), _words(theirs))
        for name, (ours, theirs) in pairs.items()
        if ours != theirs
    )


def _words(value: object) -> str | None:
    """
    >>> [_words(value) for value in (None, True, 12, "Firma")]
    [None, 'true', '12', 'Firma']
    """
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _why_missing(believed: Believed, circumstances: Circumstances) -> Explanation | None:
    if "present" in believed.flagged:
        return Explanation.FLAGGED
    return _why_not_shown(believed, circumstances)


def _why_not_shown(believed: Believed, circumstances: Circumstances) -> Explanation | None:
    """A search may not show yet what was written lately."""
    searched_too_early = circumstances.read_at < believed.since + circumstances.lag_bound
    if searched_too_early and believed.crm_id not in circumstances.asked_for:
        return Explanation.JUST_MADE
    return None


def _why_different(
    believed: Believed, held: Held, differences: Sequence[Difference], circumstances: Circumstances
) -> Explanation | None:
    if believed.behind is not None:
        return believed.behind
    names = {one.name for one in differences}
    if names <= believed.flagged:
        return Explanation.FLAGGED
    changed_later = held.changed_at is None or believed.since <= held.changed_at + circumstances.lag_bound
    if changed_later and names <= REFRESHED_BY_SYNC:
        return Explanation.MIRROR_IS_OLDER
    return _why_not_shown(believed, circumstances)


def _extra(
    strangers: Sequence[Held], believed: Sequence[Believed], circumstances: Circumstances
) -> Iterator[Row]:
    carriers: dict[str | None, set[int]] = defaultdict(set)
    records: list[Believed | Held] = [*believed, *strangers]
    for one in records:
        carriers[one.reference].add(one.crm_id)
    superseded = circumstances.replaced | _made_anew(strangers, believed)
    for stranger in strangers:
        if stranger.reference is None:
            continue
        taken_over = stranger.kind is EffectKind.OPPORTUNITY and stranger.crm_id in superseded
        double_of = min(carriers[stranger.reference] - {stranger.crm_id}, default=None)
        why = Explanation.SUPERSEDED if taken_over else _why_extra(stranger, double_of, circumstances)
        yield Row(
            kind=stranger.kind,
            crm_id=stranger.crm_id,
            reference=stranger.reference,
            verdict=Verdict.EXTRA,
            explanation=why,
            double_of=double_of,
        )


def _made_anew(strangers: Sequence[Held], believed: Sequence[Believed]) -> frozenset[int]:
    """The strangers whose code one of ours carries under a later number."""
    latest = {own_code(one.reference): making(one.reference) for one in believed if own_code(one.reference)}
    return frozenset(
        one.crm_id for one in strangers if making(one.reference) < latest.get(own_code(one.reference), 0)
    )


def _why_extra(stranger: Held, double_of: int | None, circumstances: Circumstances) -> Explanation | None:
    if work := circumstances.work.get(stranger.reference or ""):
        return work
    if double_of is None and stranger.crm_id in circumstances.unmatched:
        return Explanation.UNMATCHED
    return None
