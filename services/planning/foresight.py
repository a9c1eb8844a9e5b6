"""What a press of a button would do, item by item, and what that takes: told beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.vocabulary import ForeseenOutcome

NOT_AS_SHOWN = "It is not as the preview showed it. What differs was left alone; preview again."


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


def foresee_create(item: Foreseen, found: Sequence[int], *, calls_on_adoption: int = 0) -> Foreseen:
    """What becomes of a record that is to be made, where the CRM holds `found` under its reference already.

    `calls_on_adoption`: what it takes to bring an adopted record up to date.
    """
    match found:
        case []:
            return replace(item, outcome=ForeseenOutcome.CREATE, calls=1)
        case [crm_id]:
            words = "The CRM holds it already."
            adopted = replace(item, outcome=ForeseenOutcome.ADOPT, explanation=words, crm_id=crm_id)
            return replace(adopted, calls=calls_on_adoption)
        case _:
            return blocked(item, f"The CRM holds this more than once: {', '.join(map(str, found))}.")


def blocked(item: Foreseen, explanation: str) -> Foreseen:
    return replace(item, outcome=ForeseenOutcome.BLOCKED, explanation=explanation, calls=0)


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
