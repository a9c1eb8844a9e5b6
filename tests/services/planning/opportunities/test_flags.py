from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from services.planning.opportunities.facts import (
    Absence,
    Flag,
    FoundOpportunity,
    KnownOpportunity,
    SaleLine,
    SaleTicket,
    SyncOutcome,
)
from services.planning.opportunities.flags import explain_flag, find_flag, propose_repairs
from services.planning.opportunities.sync import plan_sync
from services.vocabulary import FlagKind, OpportunityStatus, Repair, TicketStatus

OPEN, WON, LOST, UNKNOWN = OpportunityStatus
CODE = "TCK-F40-5155-01"
KNOWN = KnownOpportunity(
    id="opp_1",
    crm_id=100,
    code=CODE,
    title="Formazione",
    amount=Decimal(1),
    phase=None,
    status=OPEN,
    ticket_id="tck_1",
    position=1,
    line_id="tln_1",
    has_child=True,
    carried_code=CODE,
)
CLEARED_FLAG = FoundOpportunity(100, CODE, KNOWN.title, KNOWN.amount, None, OPEN)
LINE = SaleLine("tln_1", 1, "F40", filled=True)


def parent(status=TicketStatus.CLOSED):
    return SaleTicket("tck_1", "5155", status, (LINE,))


def flag_of(known=KNOWN, found=None, absence=None, *, ticket=None, carriers=()):
    return find_flag(known, found, absence, ticket or parent(), dict(carriers))


def synchronised(known, *found, absences=()):
    return plan_sync([parent()], [known], found, {"F40": "Formazione 4.0"}, dict(absences))


@pytest.mark.parametrize(
    ("absence", "flag"),
    [
        pytest.param(Absence(), Flag(FlagKind.DELETED), id="nothing"),
        pytest.param(Absence(merged_into=7), Flag(FlagKind.MERGED, 7), id="another record"),
        pytest.param(
            Absence(moved=True, crm_company_id=9),
            Flag(FlagKind.MOVED, crm_company_id=9),
            id="another company's",
        ),
        pytest.param(Absence(moved=True), Flag(FlagKind.MOVED), id="somebody who is no company"),
    ],
)
def test_one_that_the_list_lacks_is_flagged_by_what_its_id_answers(absence, flag):
    assert flag_of(absence=absence) == flag


@pytest.mark.parametrize("kind", [FlagKind.DELETED, FlagKind.MERGED, FlagKind.MOVED])
def test_one_that_is_still_absent_and_was_not_asked_for_stays_flagged_as_it_was(kind):
    flag = Flag(kind, 7)

    assert flag_of(replace(KNOWN, is_missing=True, flag=flag)) == flag


@pytest.mark.parametrize(
    ("changes", "known", "flag"),
    [
        pytest.param({}, KNOWN, None, id="all is well"),
        pytest.param({"status": WON}, KNOWN, None, id="won"),
        pytest.param({"status": LOST}, KNOWN, FlagKind.LOST, id="lost"),
        pytest.param({"status": LOST}, replace(KNOWN, has_child=False), None, id="lost before its child"),
        pytest.param({"code": ""}, KNOWN, FlagKind.RENAMED, id="without its code"),
        pytest.param({"code": "2027/14"}, KNOWN, FlagKind.RENAMED, id="under somebody's code"),
        pytest.param({"code": "TCK-F40-5155-02"}, KNOWN, FlagKind.RENAMED, id="under another line's"),
        pytest.param({"code": f" {CODE.lower()}.2"}, KNOWN, None, id="spelt by people"),
        pytest.param({"code": ""}, replace(KNOWN, carried_code=""), None, id="never carried any"),
        pytest.param(
            {"code": "TCK-F40-9-02"},
            replace(KNOWN, carried_code=""),
            FlagKind.RENAMED,
            id="given a wrong one",
        ),
        pytest.param({"code": CODE}, replace(KNOWN, carried_code=""), None, id="given its own"),
    ],
)
def test_one_that_is_there_is_flagged_where_it_is(changes, known, flag):
    found = flag_of(known, replace(CLEARED_FLAG, **changes))

    assert (found and found.kind) == flag


@pytest.mark.parametrize(
    ("known", "status"),
    [
        pytest.param(replace(KNOWN, child_cancelled=True), TicketStatus.CLOSED, id="its child is cancelled"),
        pytest.param(
            replace(KNOWN, has_child=False), TicketStatus.CANCELLED, id="its parent is, and no child"
        ),
    ],
)
def test_where_nothing_depends_on_it_no_person_is_asked(known, status):
    assert flag_of(known, absence=Absence(), ticket=parent(status)) is None


def test_another_record_that_carries_its_code_is_said():
    (_, decision) = sorted(
        synchronised(KNOWN, replace(CLEARED_FLAG, crm_id=50, title="Copia"), absences={100: Absence()}),
        key=lambda one: one.crm_id,
    )

    assert decision.flag == Flag(FlagKind.DELETED, 50)


def test_a_record_that_is_being_recreated_replaces_nothing_yet():
    recreated = replace(CLEARED_FLAG, crm_id=200, code=f"{CODE}.2", being_made=True)

    decision = synchronised(KNOWN, recreated, absences={100: Absence()})[0]

    assert decision.flag == Flag(FlagKind.DELETED)


def test_two_records_that_carry_its_code_stand_in_for_nothing():
    copies = [replace(CLEARED_FLAG, crm_id=number) for number in (50, 51)]

    decision = synchronised(KNOWN, *copies, absences={100: Absence()})[-1]

    assert decision.flag == Flag(FlagKind.DELETED)


def test_what_an_operator_kept_needs_no_person_until_something_else_is_wrong():
    kept = replace(KNOWN, status=LOST, flag=Flag(FlagKind.LOST), kept=True)

    (same,) = synchronised(kept, replace(CLEARED_FLAG, status=LOST))
    (other,) = synchronised(kept, replace(CLEARED_FLAG, status=OPEN, code="altro"))

    assert (same.outcome, same.needs_person) == (SyncOutcome.UNCHANGED, False)
    assert (other.flag, other.needs_person) == (Flag(FlagKind.RENAMED), True)


def test_a_flag_clears_by_itself_once_all_is_well():
    (decision,) = synchronised(replace(KNOWN, flag=Flag(FlagKind.RENAMED)), CLEARED_FLAG)

    assert (decision.outcome, decision.changes, decision.flag) == (SyncOutcome.REFRESH, ("flag",), None)
    assert not decision.needs_person


def test_a_record_that_was_recreated_since_is_ignored():
    recreated = replace(KNOWN, crm_id=200, code=f"{CODE}.2")

    old, new = synchronised(
        recreated, replace(CLEARED_FLAG, status=LOST), replace(CLEARED_FLAG, crm_id=200, code=f"{CODE}.2")
    )

    assert (old.outcome, old.candidate_line_ids) == (SyncOutcome.SUPERSEDED, ())
    assert (new.outcome, new.flag) == (SyncOutcome.UNCHANGED, None)


flags = st.sampled_from(FlagKind)
others = st.none() | st.integers(1, 9)


@given(flag=flags, can_relink=st.booleans(), child_is_open=st.booleans())
def test_only_what_can_be_done_is_proposed_and_it_can_always_be_left(flag, can_relink, child_is_open):
    repairs = propose_repairs(flag, can_relink, child_is_open)

    assert Repair.KEEP in repairs
    assert len(repairs) == len(set(repairs))
    assert (Repair.RELINK in repairs) == can_relink
    assert child_is_open or Repair.CANCEL_CHILD not in repairs


@given(flag=st.none() | flags, other=others)
def test_what_is_well_needs_neither_words_nor_repairs(flag, other):
    words = explain_flag(flag, other)

    assert (words is None) == (flag is None)
    assert bool(propose_repairs(flag, other is not None, child_is_open=True)) == (flag is not None)
    assert other is None or words is None or str(other) in words


@given(
    status=st.sampled_from(OpportunityStatus),
    code=st.sampled_from(["", CODE, f"{CODE}.2", "TCK-F40-9-01"]),
    carried=st.sampled_from(["", CODE]),
    flag=st.none() | st.builds(Flag, flags, others),
    kept=st.booleans(),
)
def test_what_was_decided_is_unchanged_the_next_time(status, code, carried, flag, kept):
    record = replace(CLEARED_FLAG, status=status, code=code)
    known = replace(KNOWN, carried_code=carried, flag=flag, kept=kept and flag is not None)

    (decision,) = synchronised(known, record)
    settled = replace(
        known,
        status=status,
        carried_code=decision.carried_code,
        flag=decision.flag,
        kept=not decision.needs_person,
    )
    (again,) = synchronised(settled, record)

    assert (again.outcome, again.flag) == (SyncOutcome.UNCHANGED, decision.flag)
    assert again.needs_person == decision.needs_person
