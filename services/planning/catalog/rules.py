"""The rules across the entries of a catalog, each of which is well formed on its own."""

import re
import unicodedata
from collections.abc import Iterator

from services.planning.catalog.draft import Draft, Entry, Located, Section
from services.planning.catalog.problems import CatalogProblem
from services.planning.catalog.types import ONBOARDING, Kit, Service, WorkflowTemplate

FEWEST, MOST = 3, 6
# Titles appear beside positions and progress figures, under a heading that already says "task".
UNFIT_IN_TITLE = re.compile(r"\d|\btasks?\b", re.IGNORECASE)


def broken_rules(draft: Draft) -> Iterator[CatalogProblem]:
    """Yield every broken rule. An entry that could not be read causes no problem in those that name it."""
    yield from _repeated_codes(draft.services)
    yield from _repeated_codes(draft.kits)
    yield from _unknown_workflows(draft)
    yield from _unknown_services(draft)
    yield from _shared_spellings(draft.kits)
    yield from _shared_workflows(draft.services)
    yield from _shared_milestones(draft.workflows)
    for workflow in draft.workflows.entries:
        yield from _misnamed_file(workflow)
        yield from _wrong_size(workflow)
        yield from _unfit_titles(workflow)
        yield from _broken_dependencies(workflow)


def _repeated_codes(section: Section[Entry]) -> Iterator[CatalogProblem]:
    taken: set[str] = set()
    for entry in section.entries:
        if entry.value.code in taken:
            yield entry.problem(f"Another entry has the code {entry.value.code!r} already.", "code")
        taken.add(entry.value.code)


def _unknown_workflows(draft: Draft) -> Iterator[CatalogProblem]:
    for service in draft.services.entries:
        if service.value.workflow is not None and draft.workflows.lacks(service.value.workflow):
            yield service.problem(f"There is no workflow {service.value.workflow!r}.", "workflow")
    if draft.workflows.lacks(ONBOARDING):
        file = f"workflows/{ONBOARDING.lower()}.yaml"
        yield CatalogProblem(file, "", "This file is required: every parent ticket starts with it.")


def _unknown_services(draft: Draft) -> Iterator[CatalogProblem]:
    for kit in draft.kits.entries:
        if draft.services.lacks(kit.value.main_service):
            yield kit.problem(f"There is no service {kit.value.main_service!r}.", "main_service")
        for index, line in enumerate(kit.value.lines):
            if draft.services.lacks(line.service):
                yield kit.problem(f"There is no service {line.service!r}.", "lines", index, "service")


def _shared_spellings(kits: Section[Kit]) -> Iterator[CatalogProblem]:
    """Report a name or alias of two kits: it cannot tell them apart."""
    owners: dict[str, str] = {}
    for kit in kits.entries:
        aliases = [(alias, ("aliases", index)) for index, alias in enumerate(kit.value.aliases)]
        for spelling, steps in [(kit.value.name, ("name",)), *aliases]:
            owner = owners.setdefault(_letters_of(spelling), kit.value.code)
            if owner != kit.value.code:
                yield kit.problem(f"The kit {owner!r} is already called {spelling!r}.", *steps)


def _letters_of(spelling: str) -> str:
    """
    >>> _letters_of("Start-Öffice Digital")
    'startofficedigital'
    """
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", spelling).casefold()))


def _shared_workflows(services: Section[Service]) -> Iterator[CatalogProblem]:
    users: dict[str, str] = {}
    for service in services.entries:
        if service.value.workflow is not None:
            user = users.setdefault(service.value.workflow, service.value.code)
            if user != service.value.code:
                yield service.problem(f"The service {user!r} has this workflow already.", "workflow")


def _shared_milestones(workflows: Section[WorkflowTemplate]) -> Iterator[CatalogProblem]:
    """Report a milestone title of two services: KPIs recognise the service by the title alone."""
    owners: dict[str, tuple[str, int]] = {}
    for workflow in workflows.entries:
        for index, milestone in enumerate(workflow.value.milestones):
            owner, first = owners.setdefault(milestone.title.casefold(), (workflow.file, index))
            if (owner, first) != (workflow.file, index):
                message = f"{owner} has a milestone {milestone.title!r} already."
                yield workflow.problem(message, "milestones", index, "title")


def _misnamed_file(workflow: Located[WorkflowTemplate]) -> Iterator[CatalogProblem]:
    expected = f"workflows/{workflow.value.code.lower()}.yaml"
    if workflow.file != expected:
        yield workflow.problem(f"The workflow of this code belongs in {expected}.", "code")


def _wrong_size(workflow: Located[WorkflowTemplate]) -> Iterator[CatalogProblem]:
    milestones = workflow.value.milestones
    if workflow.value.code == ONBOARDING:
        if len(milestones) != 1:
            yield workflow.problem(f"Onboarding has one milestone, not {len(milestones)}.", "milestones")
    elif not FEWEST <= len(milestones) <= MOST:
        message = f"A workflow has {FEWEST} to {MOST} milestones, not {len(milestones)}."
        yield workflow.problem(message, "milestones")
    for index, milestone in enumerate(milestones):
        if not FEWEST <= len(milestone.tasks) <= MOST:
            message = f"A milestone has {FEWEST} to {MOST} tasks, not {len(milestone.tasks)}."
            yield workflow.problem(message, "milestones", index, "tasks")


def _unfit_titles(workflow: Located[WorkflowTemplate]) -> Iterator[CatalogProblem]:
    for steps, title in _titles(workflow.value):
        if UNFIT_IN_TITLE.search(title):
            message = f"A title may contain neither digits nor the word task: {title!r}."
            yield workflow.problem(message, *steps, "title")


def _titles(workflow: WorkflowTemplate) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every title of milestones and tasks, with the path to it."""
    for index, milestone in enumerate(workflow.milestones):
        yield ("milestones", index), milestone.title
        for nth, task in enumerate(milestone.tasks):
            yield ("milestones", index, "tasks", nth), task.title


def _broken_dependencies(workflow: Located[WorkflowTemplate]) -> Iterator[CatalogProblem]:
    titles = [milestone.title for milestone in workflow.value.milestones]
    for index, milestone in enumerate(workflow.value.milestones):
        for nth, title in enumerate(milestone.depends_on):
            if title not in titles[:index]:
                message = f"No earlier milestone has the title {title!r}."
                yield workflow.problem(message, "milestones", index, "depends_on", nth)
