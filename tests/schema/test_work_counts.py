"""The badges of the console: how much waits, each as long as the list that it leads to."""

from datetime import timedelta

import pytest

import models
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import NOW, TODAY, save

WORK = "{ work { mine mineLate team late orphaned intake crmErrors opportunities } }"
NOTHING = dict.fromkeys(
    ("mine", "mineLate", "team", "late", "orphaned", "intake", "crmErrors", "opportunities"), 0
)


@pytest.fixture
async def tree(db):
    """Three tasks that can be taken up now, one in each ticket; their owner does all 28 tasks."""
    tree = await factories.save_tree(children=2)
    await factories.store_facts()
    return tree


async def change(column, value, **which):
    await models.Task.filter(**which).update(**{column: value})
    await factories.store_facts()


async def test_nothing_waits_in_an_empty_hub(ask, db):
    assert (await ask(WORK))["work"] == NOTHING


async def test_ready_work_is_counted_for_the_caller_and_for_everybody(execute, tree):
    colleague = factories.operator()
    await save(colleague)
    await models.Task.filter(ticket_id=tree.parent.id).update(assignee_id=colleague.id)

    counts = [
        (await execute(WORK, context_for(operator_id=one.id))).data["work"]
        for one in (tree.operator, colleague)
    ]

    assert [one["mine"] for one in counts] == [2, 1]
    assert [one["team"] for one in counts] == [3, 3]


async def test_late_work_is_counted_whether_it_is_ready_or_not(execute, tree):
    await change("due_on", TODAY - timedelta(days=1), ticket_id=tree.parent.id)
    await change("status", "DONE", ticket_id=tree.parent.id, position=1)

    counts = (await execute(WORK, context_for(operator_id=tree.operator.id))).data["work"]

    assert counts["late"] == 3
    assert counts["mineLate"] == 1


async def test_open_work_of_a_leaver_is_counted_as_orphaned(ask, tree):
    leaver = factories.operator(active=False)
    await save(leaver)
    await change("assignee_id", leaver.id, ticket_id=tree.parent.id)
    await change("status", "DONE", ticket_id=tree.parent.id, position=1)

    counts = (await ask(WORK))["work"]

    assert counts["orphaned"] == 3


async def test_only_what_waits_in_the_inbox_is_counted(ask, db):
    await save(*(intake_item(status) for status in ("WAITING", "WAITING", "RESOLVED", "DISMISSED")))

    assert (await ask(WORK))["work"] == {**NOTHING, "intake": 2}


async def test_effects_that_need_a_person_are_counted_over_all_actions(ask, db):
    await save(action("WAITING", 2), action("RUNNING", 1), action("COMPLETED", 0))

    assert (await ask(WORK))["work"] == {**NOTHING, "crmErrors": 3}


async def test_opportunities_to_map_and_to_repair_are_counted_together(ask, tree):
    found = await models.Opportunity.all()
    await models.Opportunity.filter(id=found[0].id).update(flag="LOST", flagged_at=NOW)
    await models.Opportunity.filter(id=found[1].id).update(flag="LOST", flagged_at=NOW, kept_at=NOW)
    await save(unmatched(tree.company))

    assert (await ask(WORK))["work"]["opportunities"] == 2


@pytest.mark.parametrize("children", [pytest.param(1, id="few"), pytest.param(40, id="many")])
async def test_all_badges_take_one_statement_whatever_there_is(ask, statements, children):
    await factories.save_tree(children=children)
    await factories.store_facts()
    statements.clear()

    await ask(WORK)

    assert len(statements) == 1


def intake_item(status):
    columns = {"explanation": "", "subject": "", "description": "", "created_at": NOW}
    return models.IntakeItem(crm_activity_id=factories.number(), status=status, reason="NO_KIT", **columns)


def action(status, attention_count):
    return models.Action(
        kind="SYNC_OPPORTUNITIES",
        status=status,
        item_count=3,
        attention_count=attention_count,
        created_at=NOW,
    )


def unmatched(company):
    return models.UnmatchedOpportunity(
        crm_id=factories.number(),
        company_id=company.id,
        code="",
        title="",
        status="OPEN",
        reason="NO_SERVICE",
        created_at=NOW,
    )
