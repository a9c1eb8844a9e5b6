"""Compares what the CRM should hold with what it holds, record by record."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.planning.tickets.codes import making, own_code
from services.vocabulary import EffectKind, Explanation, Verdict

REFRESHED_BY_SYNC = frozenset({"phase", "status", "present"})
"""Columns that the CRM decides. Our mirror takes them over with the next synchronisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """A record that the CRM should hold, with what it `shows`, as far as we set it or mirror it.

    `since` is when we last wrote or saw it. `flagged` names its known problems in the CRM, "present" if it is gone.
    `behind` says why the CRM may lag behind. `may_lack` names what the record may leave empty.
    """

    kind: EffectKind
    crm_id: int
    since: datetime
    reference: str | None = None
    shows: Mapping[str, object] = field(default_factory=dict)
    flagged: frozenset[str] = frozenset()
    may_lack: frozenset[str] = frozenset()
    behind: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record that the CRM holds. With our `reference`, we wrote it or it is a copy."""

    kind: EffectKind
    crm_id: int
    reference: str | None = None
    shows: Mapping[str, object] = field(default_factory=dict)
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else is known. `work`: by reference, why a record may exist that we do not know yet.

    `unmatched`: opportunities that wait for an operator to map them. `replaced`: records that others have replaced.
    `asked_for`: records that were read by id. All others come from a search, which may lag by `lag_bound`.
    """

    read_at: datetime
    lag_bound: timedelta
    work: Mapping[str, Explanation] = field(default_factory=dict)
    unmatched: frozenset[int] = frozenset()
    replaced: frozenset[int] = frozenset()
    asked_for: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference: one property of a record, as we have it and as the CRM has it."""

    name: str
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record, expected or found. `double_of` is another record that carries the same reference."""

    kind: EffectKind
    crm_id: int
    reference: str | None
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    explanation: Explanation | None = None
    double_of: int | None = None

    @property
    def unexplained(self) -> bool:
        """Return whether a person has to find out the cause."""
        return self.verdict is not Verdict.MATCHED and self.explanation is None


def reconcile(
    believed: Sequence[Believed], held: Sequence[Held], circumstances: Circumstances
) -> tuple[Row, ...]:
    """Return a row for each expected record, and for each unknown one that carries our reference.

    Records of others are ignored: those that we neither wrote nor know.
    """
    holding = {_place(one): one for one in held}
    known = {_place(one) for one in believed}
    rows = [
        *(_judged(one, holding.get(_place(one)), circumstances) for one in believed),
        *_extra([one for one in held if _place(one) not in known], believed, circumstances),
    ]
    return tuple(sorted(rows, key=lambda row: (list(EffectKind).index(row.kind), row.crm_id)))


def _place(record: Believed | Held) -> tuple[bool, int]:
    """Return the place of a record. Sales and milestones are both activities, and the CRM numbers them together."""
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
    """Return the differences. A property that a record does not show cannot differ."""
    pairs = {name: (ours, held.shows[name]) for name, ours in believed.shows.items() if name in held.shows}
    return tuple(
        Difference(name, _words(ours), _words(theirs))
        for name, (ours, theirs) in pairs.items()
        if ours != theirs and (theirs or name not in believed.may_lack)
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
    """Return why a record is not shown: a search may lag behind a recent write."""
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
    """Return the unknown records whose code one of ours carries under a later number."""
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
