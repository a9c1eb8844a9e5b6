"""Texts as people write them: which of them say plainly that one kit is sold."""

import html
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from services.planning.catalog.loader import load_catalog
from services.planning.intake import sale_text_parts
from services.planning.intake.kit_matcher import KitNames
from services.planning.intake.sale_judgement import explain_doubt, judge_sale
from services.planning.intake.sale_text import RAW_LIMIT, SHOWN_LIMIT, read_text
from services.vocabulary import IntakeReason, MarkKind

CORPUS = [
    json.loads(line) for line in (Path(__file__).parent / "kit_corpus.jsonl").read_text("utf-8").splitlines()
]
KITS = [KitNames(kit.code, kit.name, kit.aliases) for kit in load_catalog().kits]
SALES = [case for case in CORPUS if case["expected"] != "WAITS"]
PLAIN_SALES = [case for case in SALES if re.fullmatch(r"[\w\s]+", case["title"]) and not case["description"]]
RECALL = 0.97


JUDGED = {case["id"]: judge_sale(case["title"], case["description"], KITS) for case in CORPUS}


def judge(case):
    return JUDGED[case["id"]]


def kit_sold(judgement):
    return judgement.kit_codes[0] if judgement.doubt is None else None


# The corpus


def test_the_corpus_is_large_and_half_of_it_are_sales():
    assert len(CORPUS) >= 300
    assert 0.35 < len(SALES) / len(CORPUS) < 0.65
    assert {case["expected"] for case in SALES} == {kit.key for kit in KITS}


def test_no_text_of_the_corpus_opens_a_ticket_that_it_should_not():
    wrong = [case for case in CORPUS if kit_sold(judge(case)) not in (None, case["expected"])]

    assert wrong == []


def test_nearly_every_sale_of_the_corpus_opens_its_ticket():
    missed = [case for case in SALES if kit_sold(judge(case)) is None]

    recall = 1 - len(missed) / len(SALES)
    print(f"recall {recall:.3f} of {len(SALES)} sales in {len(CORPUS)} texts")  # noqa: T201
    assert recall >= RECALL, missed


def test_what_waits_has_its_own_reason():
    waiting = [case for case in CORPUS if case["expected"] == "WAITS"]

    wrong = [case for case in waiting if judge(case).doubt != case["reason"]]
    reasons = Counter(case["reason"] for case in waiting)

    assert wrong == []
    assert all(
        reasons[reason] for reason in ("NEGATED", "UNSURE", "PAST", "SEVERAL_SALES", "QUOTED", "NOT_SAID")
    )


# What the operator is shown


def test_the_marks_are_places_in_the_text_that_is_shown():
    for case in CORPUS:
        judgement = judge(case)
        shown = {"title": judgement.title, "description": judgement.description}
        assert [
            mark for mark in judgement.marks if shown[mark.source][mark.start : mark.end] != mark.text
        ] == []


def test_a_denied_sale_shows_its_kit_and_the_words_that_deny_it():
    judgement = judge_sale(
        "Chiamata di oggi", "<p>Il cliente <b>non vuole</b> lo Start&nbsp;Office Digital.</p>", KITS
    )

    assert (judgement.doubt, judgement.kit_codes) == (IntakeReason.NEGATED, ("SOD",))
    assert judgement.description == "Il cliente non vuole lo Start Office Digital."
    kit = next(mark for mark in judgement.marks if mark.kind is MarkKind.KIT)
    denial = next(mark for mark in judgement.marks if mark.kind is MarkKind.NEGATION)
    assert (kit.text, kit.kit_code) == ("Start Office Digital", "SOD")
    assert "non vuole" in denial.text
    assert "SOD" in explain_doubt(judgement)
    assert "non vuole" in explain_doubt(judgement)


def test_a_quoted_name_is_shown_where_it_stands():
    judgement = judge_sale("Re: proposta", "Grazie.\n> Vi proponiamo Start Office Digital", KITS)

    assert judgement.doubt == IntakeReason.QUOTED
    assert [(mark.kit_code, mark.text) for mark in judgement.marks] == [("SOD", "Start Office Digital")]


# Properties

quickly = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize(
    "frame", ["<p>{}</p>", "<div>{}</div>", "<html><body><span style='color:red'>{}</span></body></html>"]
)
def test_html_around_a_text_changes_nothing(frame):
    changed = []
    for case in CORPUS:
        if {"<", "&"} & {*case["title"], *case["description"]}:
            continue
        lines = html.escape(case["description"], quote=False).split("\n")
        wrapped = frame.format("<br>".join(lines)) if case["description"] else ""
        judgement = judge_sale(case["title"], wrapped, KITS)
        if (judgement.doubt, judgement.kit_codes) != (judge(case).doubt, judge(case).kit_codes):
            changed.append(case["id"])

    assert changed == []


@quickly
@given(st.sampled_from(SALES), st.sampled_from(["> ", ">", "> > "]))
def test_a_text_that_is_only_quoted_waits(case, sign):
    text = f"{case['title']}\n{case['description']}" if "<" not in case["description"] else case["title"]

    quoted = "\n".join(sign + line for line in text.split("\n") if line.strip())

    assert judge_sale("Re: messaggio", quoted, KITS).doubt is not None


@quickly
@given(
    st.sampled_from(PLAIN_SALES),
    st.sampled_from(["Non ", "Il cliente non ha ", "Forse ", "Se va bene: ", "Mai "]),
)
def test_a_denial_or_a_doubt_in_front_makes_a_sale_wait(case, prefix):
    title = prefix + case["title"][0].lower() + case["title"][1:]

    assert judge_sale(title, "", KITS).doubt is not None


@quickly
@given(
    st.sampled_from(PLAIN_SALES),
    st.sampled_from(
        [
            "Il cliente ha rinunciato.",
            "Poi ha annullato tutto.",
            "Non ha firmato.",
            "Forse.",
            "Ci deve pensare.",
        ]
    ),
)
def test_a_denial_or_a_doubt_behind_makes_a_sale_wait(case, sentence):
    assert judge_sale(case["title"], sentence, KITS).doubt is not None


@quickly
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_gets_an_answer(title, description):
    judgement = judge_sale(title, description, KITS)

    assert judgement.doubt is not None or len(judgement.kit_codes) == 1


@quickly
@given(st.sampled_from(CORPUS), st.permutations(KITS))
def test_the_order_of_the_kits_changes_nothing(case, kits):
    assert judge_sale(case["title"], case["description"], kits) == judge(case)


# Limits


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * (RAW_LIMIT + 1), id="as it is stored"),
        pytest.param("Firmato SOD\n" + "a" * SHOWN_LIMIT, id="as it is shown"),
        pytest.param("<div>" * 2_000 + "Firmato SOD", id="elements inside one another"),
        pytest.param("kit SOD. " * 200, id="names"),
        pytest.param("parole " * 3_000 + "Firmato SOD", id="own words"),
    ],
)
def test_a_text_beyond_a_limit_waits_as_too_long(text):
    assert judge_sale("Vendita", text, KITS).doubt == IntakeReason.TOO_LONG


def test_a_long_thread_below_a_short_answer_is_no_long_text():
    thread = "> abbiamo visto insieme le condizioni\n" * 1_000

    assert kit_sold(judge_sale("Re: offerta", "Firmato SOD.\n\n" + thread, KITS)) == "SOD"


def test_what_is_beyond_a_limit_is_never_parsed(monkeypatch):
    read = []
    monkeypatch.setattr(
        "services.planning.intake.sale_text.visible_lines", lambda raw, **_: read.append(raw) or []
    )

    for text in ("<p>" + "a" * RAW_LIMIT, "<div>" * 2_000):
        read_text(text)

    assert read == []


@pytest.mark.parametrize(
    "piece",
    [
        "sod ",
        "firma a b c ",
        "in attesa di ",
        "> sod\n",
        "<p>sod</p>",
        "\n",
        "non ",
        "il giorno\n",
        "Da: x\n",
        "x.pdf ",
        "a@",
    ],
)
def test_twice_the_text_is_no_more_than_about_twice_the_work(piece, monkeypatch):
    looked_at = []
    around = sale_text_parts.TextPart.around
    monkeypatch.setattr(
        sale_text_parts.TextPart, "around", lambda part, *rest: (looked_at.append(1), around(part, *rest))[1]
    )

    counts = []
    for length in (2_000, 4_000):
        looked_at.clear()
        judge_sale("Vendita SOD", piece * (length // len(piece)), KITS)
        counts.append(len(looked_at))

    assert counts[1] <= 2 * counts[0] + 60
