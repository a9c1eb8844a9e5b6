"""What a press of a button would do, item by item, and what that takes: told beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.vocabulary import ForeseenOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One item of a preview. `calls` is how many calls of the CRM it takes if nothing fails."""

    key: str
    reference: str
    label: str
    outcome: ForeseenOutcome
    explanation: str | None = None
    crm_id: int | None = None
    calls: int = 0


def foresee_create(
    key: str, reference: str, label: str, found: Sequence[int], *, on_adoption: int = 0
) -> Foreseen:
    """What becomes of a record that is to be made, where the CRM holds `found` under its reference already.

    `on_adoption`: the calls that bring an adopted record up to date.
    """
    match found:
        case []:
            outcome, explanation, calls = ForeseenOutcome.CREATE, None, 1
        case [_]:
            outcome, explanation, calls = ForeseenOutcome.ADOPT, "The CRM holds it already.", on_adoption
        case _:
            ids = ", ".join(map(str, found))
            outcome, explanation, calls = (
                ForeseenOutcome.BLOCKED,
                f"The CRM holds this more than once: {ids}.",
                0,
            )
    return Foreseen(
        key=key,
        reference=reference,
        label=label,
        outcome=outcome,
        explanation=explanation,
        crm_id=found[0] if len(found) == 1 else None,
        calls=calls,
    )


def surprise(reference: str, shown: Sequence[int], found: Sequence[int]) -> str | None:
    """What to tell where the CRM does not hold what was shown under a reference; None where it does.

    >>> surprise("TCK-F40-5155-01", [], [4711])
    'Since the preview, which showed none, the CRM holds 4711 as TCK-F40-5155-01. Nothing was done; preview again.'
    """
    if sorted(shown) == sorted(found):
        return None
    before, now = (", ".join(map(str, sorted(ids))) or "none" for ids in (shown, found))
    return (
        f"Since the preview, which showed {before}, the CRM holds {now} as {reference}. "
        "Nothing was done; preview again."
    )
