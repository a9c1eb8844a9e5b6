"""What can be asked of figures: which ones, and of what."""

import re
from collections.abc import Sequence
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

import models
from resolvers.errors import BadUserInput
from resolvers.reads.filters import MAX_VALUES, Choice, Form, id_form
from services.planning.catalog.types import CODE_PATTERN
from services.planning.kpis import BOARD, DEFINITIONS, Narrowing, Wanted
from services.planning.kpis.words import CloseBasis, DueBasis, KpiDimension, KpiKey, KpiSubject
from services.vocabulary import Priority, TicketKind

MOST_FIGURES = 24
CATALOG_CODE = Form(lambda text: re.fullmatch(CODE_PATTERN, text), "a code such as SOD")


@strawberry.input(description="Which figure is wanted.")
class KpiRequest:
    key: KpiKey = strawberry.field(description="The figure.")
    subject: KpiSubject | None = strawberry.field(
        default=None, description="What is counted; by default what its definition names first."
    )
    against: DueBasis = strawberry.field(
        default=DueBasis.ORIGINAL,
        description="The due date that it is measured against, where it is measured against one.",
    )
    close: CloseBasis = strawberry.field(
        default=CloseBasis.LATEST,
        description="The close that counts, where something was closed more than once.",
    )


def _choice(description: str, dimension: KpiDimension, form: Form | None = None) -> Any:
    metadata = {"dimension": dimension, "form": form}
    return strawberry.field(default=UNSET, description=description, metadata=metadata)


@strawberry.input(
    description="What is counted. All given conditions must hold; there are no alternatives, so every number can be "
    "taken apart by each of them."
)
class KpiFilter:
    ticket_kind: Choice[TicketKind] | None = _choice("Parents, children, or both.", KpiDimension.TICKET_KIND)
    kit_id: Choice[strawberry.ID] | None = _choice(
        "The kit of the tree.", KpiDimension.KIT, id_form(models.Kit)
    )
    service_id: Choice[strawberry.ID] | None = _choice(
        "The service that a child delivers.", KpiDimension.SERVICE, id_form(models.Service)
    )
    template_code: Choice[str] | None = _choice(
        "The code of the workflow, in every version.", KpiDimension.TEMPLATE, CATALOG_CODE
    )
    milestone_title: Choice[str] | None = _choice(
        "The title of the milestone; tickets have none.", KpiDimension.MILESTONE
    )
    operator_id: Choice[strawberry.ID] | None = _choice(
        "The operator: a task's assignee, otherwise the ticket's owner. Of finished work, who it was then.",
        KpiDimension.OPERATOR,
        id_form(models.Operator),
    )
    company_id: Choice[strawberry.ID] | None = _choice(
        "The company.", KpiDimension.COMPANY, id_form(models.Company)
    )
    priority: Choice[Priority] | None = _choice("The priority of the ticket.", KpiDimension.PRIORITY)


def figures_wanted(requests: Sequence[KpiRequest] | None) -> list[Wanted]:
    """Return which figures are wanted. Refuse too many, and a figure of something that it does not count."""
    if requests is None:
        return list(BOARD)
    if not 1 <= len(requests) <= MOST_FIGURES:
        raise BadUserInput("figures", f"Ask for 1 to {MOST_FIGURES} figures.")
    return [_wanted(one, str(index)) for index, one in enumerate(requests)]


def _wanted(request: KpiRequest, index: str) -> Wanted:
    subjects = DEFINITIONS[request.key].subjects
    if request.subject is not None and request.subject not in subjects:
        raise BadUserInput(
            "figures",
            f"{request.key} counts {', '.join(subjects)}.",
            path=("figures", index, "subject"),
        )
    return Wanted(request.key, request.subject or subjects[0], request.against, request.close)


def narrowings_of(wanted: Any) -> tuple[Narrowing, ...]:
    """Return what the argument `filter` lets through."""
    if wanted is None:
        return ()
    declared = {one.python_name: one for one in type(wanted).__strawberry_definition__.fields}
    found: list[Narrowing] = []
    for name, field in declared.items():
        choice = getattr(wanted, name)
        if choice is UNSET or choice is None:
            continue
        dimension, form = field.metadata["dimension"], field.metadata["form"]
        path = ("filter", to_camel_case(name))
        for values, place in _values_of(choice, path):
            for value in values:
                _check(value, form, place)
            texts = tuple(None if value is None else str(value) for value in values)
            found.append(Narrowing(dimension, texts))
    return tuple(found)


def _values_of(choice: Choice[Any], path: tuple[str, ...]) -> Sequence[tuple[list[Any], tuple[str, ...]]]:
    given: list[tuple[list[Any], tuple[str, ...]]] = []
    if choice.eq is not UNSET:
        given.append(([choice.eq], (*path, "eq")))
    if isinstance(choice.in_, list):
        if len(choice.in_) > MAX_VALUES:
            raise BadUserInput("filter", f"At most {MAX_VALUES} values in a list.", path=(*path, "in"))
        given.append((choice.in_, (*path, "in")))
    return given


def _check(value: Any, form: Form | None, path: tuple[str, ...]) -> None:
    if value is not None and form is not None and not form.fits(value):
        raise BadUserInput("filter", f"{value[:40]!r} is not {form.name}.", path=path)
