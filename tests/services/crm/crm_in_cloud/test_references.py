"""Our reference survives whatever the texts around it hold."""

import pytest
from hypothesis import given, strategies as st

from services.crm.records import ActivityRecord, OpportunityRecord
from services.crm.references import find_reference, mark, mark_first_line, unmark

REFERENCES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,40}", fullmatch=True)
TEXTS = st.text() | st.text("[]IH: \nabc-", max_size=40) | st.builds(mark, st.text(), REFERENCES)


@given(TEXTS, REFERENCES)
def test_a_reference_that_was_written_is_found_again(text: str, reference: str) -> None:
    assert find_reference(mark(text, reference)) == reference
    assert find_reference(mark_first_line(text, reference)) == reference


@given(st.text().filter(lambda text: not text.startswith("[IH:")), REFERENCES)
def test_a_text_without_its_marker_is_what_it_was(text: str, reference: str) -> None:
    assert unmark(mark(text, reference)) == text
    assert unmark(mark_first_line(text, reference)) == text


@given(TEXTS, REFERENCES)
def test_marking_twice_is_marking_once(text: str, reference: str) -> None:
    once = mark(unmark(text), reference)

    assert mark(once, reference) == once


@given(st.text().filter(lambda text: "[IH:" not in text))
def test_a_text_that_was_never_marked_carries_no_reference(text: str) -> None:
    assert find_reference(text) is None


@pytest.mark.parametrize("reference", ["", "a b", "a]b", "[a", "à", "-a", "a\n"])
def test_what_would_break_the_marker_is_no_reference(reference: str) -> None:
    with pytest.raises(ValueError, match="cannot be a reference"):
        mark("Firma", reference)


def test_an_activity_carries_its_reference_while_one_text_keeps_it() -> None:
    renamed = ActivityRecord(id=1, subject="Rinominata", description="[IH:task:7]\nNote")
    rewritten = ActivityRecord(id=1, subject="[IH:task:7] Firma", description="Riscritta")
    foreign = ActivityRecord(id=1, subject="Firma", description="Note")

    assert [record.reference for record in (renamed, rewritten, foreign)] == ["task:7", "task:7", None]


def test_an_opportunity_is_not_mistaken_for_the_one_that_replaced_it() -> None:
    first = OpportunityRecord(id=1, code="TCK-F40-5155-01", title="[IH:TCK-F40-5155-01] Formazione")
    second = OpportunityRecord(id=2, code="TCK-F40-5155-01.2", title="[IH:TCK-F40-5155-01.2] Formazione")

    assert first.carries("TCK-F40-5155-01")
    assert not second.carries("TCK-F40-5155-01")
