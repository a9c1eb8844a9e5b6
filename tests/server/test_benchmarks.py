"""What keeps the benchmark of the peers alive without their packages."""

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from schema import schema
from tests.benchmarks import rival
from tests.benchmarks.peers.figures import MISSED, ON_POSTGRES, ON_SQLITE, Goal, Turn, table
from tests.benchmarks.peers.installing import HERE
from tests.benchmarks.peers.limit import STATEMENTS
from tests.benchmarks.peers.questions import ABOUT, BY_POSTGRAPHILE, DOCUMENTS, answered
from tests.benchmarks.peers.servers import HUB, LIMIT, kinds

SCHEMAS = {
    "the hub": schema._schema,
    "Strawberry": rival.schema._schema,
    "Node": build_schema((HERE / "node" / "schema.graphql").read_text()),
}


@pytest.mark.parametrize("question", DOCUMENTS)
@pytest.mark.parametrize("served", SCHEMAS.values(), ids=SCHEMAS)
def test_the_hub_and_its_peers_are_asked_by_one_valid_document(served: GraphQLSchema, question: str) -> None:
    assert validate(served, parse(DOCUMENTS[question])) == []


def test_every_server_has_every_question() -> None:
    assert (
        ABOUT.keys() == DOCUMENTS.keys() == BY_POSTGRAPHILE.keys() == STATEMENTS.keys() == ON_POSTGRES.keys()
    )
    assert ON_SQLITE.keys() <= DOCUMENTS.keys()
    for document in BY_POSTGRAPHILE.values():
        parse(document)


def test_goals_name_servers_that_are_there() -> None:
    goals = [goal for some in (*ON_POSTGRES.values(), *ON_SQLITE.values()) for goal in some]
    assert {goal.beside for goal in goals} <= kinds().keys()


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("throughput", LIMIT, least=0.5), True),
        (Goal("throughput", LIMIT, least=0.95), False),
        (Goal("server", LIMIT, most=2.0), True),
        (Goal("server", LIMIT, most=0.9), False),
    ],
)
def test_the_table_marks_a_missed_goal_and_no_other(goal: Goal, met: bool) -> None:
    *_, line = table({HUB: [_turn(500, 2.0), _turn(900, 2.0)], LIMIT: [_turn(1000, 1.0)] * 2}, [goal])
    assert (MISSED in line) is not met


def test_the_ratio_is_the_median_of_the_rounds_each_in_itself() -> None:
    hub = [_turn(speed, 1.0) for speed in (100, 400, 900)]
    limit = [_turn(speed, 1.0) for speed in (100, 1000, 1000)]
    *_, line = table({HUB: hub, LIMIT: limit}, [Goal("throughput", LIMIT, least=0.95)])
    assert "over the limit: 0.90 " in line


def test_counts_compare_alike_whatever_they_are_called() -> None:
    ours = {"kpis": {"figures": [{"measure": {"count": 3}}, {"measure": {"count": 5}}]}}
    assert answered("Q4", ours) == answered("Q4", {"kpis": {"openParents": 3, "backlogTasks": 5}}) == [3, 5]


def _turn(throughput: float, server: float) -> Turn:
    return Turn(throughput=throughput, p50=1.0, p99=2.0, alone=1.0, server=server, database=0.5, memory=50.0)
