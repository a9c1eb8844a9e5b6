import re
from itertools import permutations

import pytest
from hypothesis import assume, given, strategies as st

from services.planning.intake.kit_matcher import Ambiguous, KitNames, NotRecognised, Recognised, match_kit
from services.planning.intake.sale_text import read_text, strip_own_text

FINANCE = KitNames("SOF", "Start Office Finance", ("SOF",))
DIGITAL = KitNames("SOD", "Start Office Digital", ("SOD",))
TRAINING = KitNames("SOT", "Start Office Training", ("SOT",))
MONTHS = KitNames("I24", "Incarico 24 Mesi", ("I24",))
ADVICE = KitNames("ICS", "Incarico Consulenza Strumenti Economico-Finanziari", ("ICS",))
QUALITY = KitNames("QLT", "Qualità Più", ("QLT",))
KITS = (FINANCE, DIGITAL, TRAINING, MONTHS, ADVICE, QUALITY)

separators = st.text(alphabet=" \t\n-_.,;:/&+'’()–—·•\u00a0", max_size=4).filter(
    # What ends a sentence or a paragraph, begins an address, or is a line above a signature does not join words.
    lambda signs: not re.search(r"\.\s|\n[^\S\n]*[-_–—]*[^\S\n]*\n|[\W_]/", signs)
)
accents = st.sampled_from(["", "\u0300", "\u0301", "\u0308"])
letters = st.characters(categories=("Lu", "Ll", "Nd"), max_codepoint=0x24F)


def outcome(match):
    """The key that was recognised, the keys that compete, or None."""
    return (
        match.key if isinstance(match, Recognised) else match.keys if isinstance(match, Ambiguous) else None
    )


@st.composite
def handwritten(draw, name):
    """The name in any case, with stray accents, its words joined by anything that is not a letter or a digit."""
    words = [
        "".join(draw(st.sampled_from([letter.lower(), letter.upper()])) + draw(accents) for letter in word)
        for word in name.replace("-", " ").split()
    ]
    written = words[0]
    for word in words[1:]:
        written += draw(separators) + word
    return written


@pytest.mark.parametrize(
    ("text", "kit"),
    [
        pytest.param("Firmato Start Office Digital ieri", "SOD", id="as it is called"),
        pytest.param("start office DIGITAL", "SOD", id="any case"),
        pytest.param("Start-Office Digital", "SOD", id="hyphen"),
        pytest.param("startoffice digital", "SOD", id="nothing between two words"),
        pytest.param("STARTOFFICEDIGITAL", "SOD", id="nothing between any words"),
        pytest.param("Start_Office_Digital", "SOD", id="underscores"),
        pytest.param("Start\n  Office\u00a0Digital", "SOD", id="line break and hard space"),
        pytest.param("«Start Office: Digital».", "SOD", id="punctuation between and around"),
        pytest.param("Stárt Öffice Digitàl", "SOD", id="accents that the name lacks"),
        pytest.param("QUALITA PIU", "QLT", id="no accents where the name has them"),
        pytest.param("qualita' piu'", "QLT", id="apostrophes for accents"),
        pytest.param("Qualita\u0300 Piu\u0300", "QLT", id="accents as combining signs"),
        pytest.param("Start Office Digi\u00adtal", "SOD", id="soft hyphen"),
        pytest.param("Incarico 24mesi", "I24", id="number in the name"),
        pytest.param("incarico consulenza strumenti economico finanziari", "ICS", id="hyphen left out"),
        pytest.param("Nuovo kit: SOD", "SOD", id="acronym"),
        pytest.param("(sod)", "SOD", id="acronym in brackets and in small letters"),
        pytest.param("Venduto l'I24.", "I24", id="acronym after an article, before a full stop"),
        pytest.param("SOD - rinnovo", "SOD", id="acronym before a loose hyphen"),
        pytest.param("kit:SOD,firmato", "SOD", id="acronym between colon and comma"),
        pytest.param('<a href="https://crm.example.it/7">SOD</a>', "SOD", id="acronym beside a link"),
        pytest.param("Kit Start Office Digital (SOD), confermo SOD", "SOD", id="the same kit more than once"),
        pytest.param("Start Office Digital-2231", "SOD", id="full name followed by a number"),
    ],
)
def test_recognises_what_people_write(text, kit):
    assert outcome(match_kit(text, "", KITS)) == kit
    assert outcome(match_kit("", text, KITS)) == kit


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("Nuovo software gestionale", id="sof in software"),
        pytest.param("Start Office", id="only the common words"),
        pytest.param("Start Office Digitale", id="longer last word"),
        pytest.param("Restart Office Digital", id="longer first word"),
        pytest.param("Office Digital Start", id="other order"),
        pytest.param("Start Office per il Digital", id="other words between"),
        pytest.param("Incarico di 24 mesi", id="small word between"),
        pytest.param("Incarico 124 Mesi", id="other number"),
        pytest.param("Incarico", id="first word alone"),
        pytest.param("sod@example.it", id="e-mail before the sign"),
        pytest.param("mario@sod.it", id="e-mail after the sign"),
        pytest.param("mario.rossi+sod@example.it", id="e-mail with a tag"),
        pytest.param("https://example.it/kit?nome=sod&anno=x", id="query of a link"),
        pytest.param("vedi www.example.it/~sod,sof", id="link without scheme"),
        pytest.param("example.it/?k=SOD", id="link without scheme and www"),
        pytest.param("sod.it", id="domain"),
        pytest.param("SOD-2231", id="code with a number"),
        pytest.param("ABC/SOD", id="code with a slash"),
        pytest.param("TCK-SOD-5155-00", id="our own ticket code"),
        pytest.param("SOD–2231", id="code with a typographic dash"),
        pytest.param("SOD_v2", id="code with an underscore"),
        pytest.param("offerta_SOD.pdf", id="file name"),
        pytest.param("SOD2", id="code without a joint"),
        pytest.param("Sistemi Sodali", id="acronym at the start of a word"),
        pytest.param("Smart Start. Office Digital Srl", id="end of a sentence between the words"),
        pytest.param("Vuoi lo start? Office Digital", id="end of a question between the words"),
        pytest.param("Start\n\nOffice Digital", id="end of a paragraph between the words"),
        pytest.param("Start Office Digital S.r.l.", id="a firm of that name"),
        pytest.param("Brochure Start Office Digital.pdf", id="file name with spaces"),
        pytest.param("@start_office_digital", id="name of an account"),
        pytest.param("start-office-digital.example", id="domain of several words"),
    ],
)
def test_recognises_nothing_in_what_names_no_kit(text):
    assert match_kit(text, "", KITS) == NotRecognised()
    assert match_kit("", text, KITS) == NotRecognised()


def test_common_words_do_not_make_two_kits_compete():
    match = match_kit("Start Office Digital", "rinnovo Start Office, area digital", KITS)

    assert outcome(match) == "SOD"


@pytest.mark.parametrize(
    ("title", "description"),
    [
        pytest.param("Start Office Digital e Start Office Finance", "", id="two names"),
        pytest.param("SOF", "poi SOD", id="an acronym here, another there"),
        pytest.param("Start Office Finance", "SOD", id="a name and an acronym"),
        pytest.param("SOD+SOF", "", id="joined by a plus"),
        pytest.param("SOD, SOF / SOD", "", id="one of them twice"),
    ],
)
def test_two_different_kits_are_ambiguous(title, description):
    assert outcome(match_kit(title, description, KITS)) == ("SOD", "SOF")


def test_a_name_does_not_run_from_the_title_into_the_description():
    assert match_kit("Start Office", "Digital", KITS) == NotRecognised()


@pytest.mark.parametrize(
    ("text", "recognised"),
    [
        pytest.param("Start Office Digital Plus", "PLUS", id="only the longer one is named"),
        pytest.param("Start Office Digital", "SOD", id="only the shorter one is named"),
        pytest.param("Start Office Digital Plus, non Start Office Digital", ("PLUS", "SOD"), id="both"),
    ],
)
def test_a_name_inside_a_longer_one_does_not_count(text, recognised):
    plus = KitNames("PLUS", "Start Office Digital Plus")

    assert outcome(match_kit(text, "", (*KITS, plus))) == recognised


def test_an_acronym_inside_the_name_of_another_kit_does_not_count():
    bundle = KitNames("BUNDLE", "Pacchetto SOD Completo")

    assert outcome(match_kit("pacchetto SOD completo", "", (*KITS, bundle))) == "BUNDLE"


def test_names_that_only_overlap_are_ambiguous():
    kits = (KitNames("LEFT", "Alfa Beta"), KitNames("RIGHT", "Beta Gamma"))

    assert outcome(match_kit("Alfa Beta Gamma", "", kits)) == ("LEFT", "RIGHT")


def test_an_inactive_kit_is_not_recognised():
    retired = KitNames("OLD", "Start Office Legacy", ("SOL",), active=False)

    assert match_kit("Start Office Legacy", "SOL", (*KITS, retired)) == NotRecognised()


def test_an_inactive_kit_beside_an_active_one_makes_no_ambiguity():
    retired = KitNames("OLD", "Start Office Legacy", ("SOL",), active=False)

    match = match_kit("Start Office Digital", "al posto di Start Office Legacy", (*KITS, retired))

    assert outcome(match) == "SOD"


def test_an_active_kit_takes_over_the_names_of_a_retired_one():
    retired = KitNames("OLD", DIGITAL.name, DIGITAL.aliases, active=False)

    assert outcome(match_kit("Start Office Digital", "SOD", (retired, *KITS))) == "SOD"


def test_the_name_of_a_retired_kit_is_not_read_as_the_shorter_name_inside_it():
    retired = KitNames("PLUS", "Start Office Digital Plus", active=False)

    assert match_kit("Start Office Digital Plus", "", (*KITS, retired)) == NotRecognised()
    assert outcome(match_kit("Start Office Digital Plus", "ora SOD", (*KITS, retired))) == "SOD"


def test_a_short_inactive_name_does_not_hide_the_active_one_around_it():
    retired = KitNames("OLD", "Office", active=False)

    assert outcome(match_kit("Start Office Digital", "", (retired, *KITS))) == "SOD"


def test_a_spelling_without_letters_or_digits_matches_nothing():
    assert match_kit("***", "- - -", [KitNames("ODD", "***", ("-",))]) == NotRecognised()


def test_evidence_quotes_the_words_and_where_they_stand():
    match = match_kit("Vendita Stárt-Office  Digital", "firmato SOD", KITS)

    assert isinstance(match, Recognised)
    assert [(m.source, m.text, m.spelling) for m in match.evidence] == [
        ("title", "Stárt-Office  Digital", "Start Office Digital"),
        ("description", "SOD", "SOD"),
    ]


def test_evidence_of_an_ambiguity_holds_both_sides():
    match = match_kit("SOD e SOF", "", KITS)

    assert isinstance(match, Ambiguous)
    assert [(m.key, m.start, m.end) for m in match.evidence] == [("SOD", 0, 3), ("SOF", 6, 9)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("Vendita SOD", "Vendita SOD", id="nothing of ours"),
        pytest.param("Vendita SOD\n[IH:1] Kit SOF", "Vendita SOD", id="our note on its own line"),
        pytest.param("Vendita SOD [IH:1] Kit SOF", "Vendita SOD", id="line breaks lost on the way"),
        pytest.param("SOD\n[IH:1] a\n[IH:2] b\nSOF", "SOD", id="everything from the first note on"),
        pytest.param("[IH:1] Kit SOF", "", id="only our note"),
        pytest.param("Vendita [ih] SOD (IH: no)", "Vendita [ih] SOD (IH: no)", id="brackets of others"),
    ],
)
def test_cuts_off_what_we_appended(text, kept):
    assert strip_own_text(text) == kept


def test_our_own_notes_name_no_kit():
    match = match_kit("Vendita", "Firmato SOD\n[IH:TCK-SOF-5155-00] Start Office Finance avviato", KITS)

    assert outcome(match) == "SOD"


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.key)
@given(data=st.data())
def test_any_handwriting_of_a_name_is_recognised(kit, data):
    written = data.draw(handwritten(kit.name))

    assert outcome(match_kit("", f"Oggetto: {written} - firmato", KITS)) == kit.key


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.key)
@given(data=st.data(), before=st.text(letters, max_size=3), after=st.text(letters, max_size=3))
def test_a_name_inside_a_longer_word_never_is(kit, data, before, after):
    assume(before or after)
    spelling = data.draw(st.sampled_from([kit.name, *kit.aliases]))
    text = f"Oggetto: {before}{spelling}{after}!"
    # "Ëœ" are letters, but in a garbled text they are one sign: the repaired name is no longer inside a word.
    assume(not read_text(text).garbled)

    assert match_kit("", text, KITS) == NotRecognised()


def test_a_name_beside_a_garbled_sign_counts_in_the_repaired_text():
    text = "Venduto I24Ëœ!"

    assert read_text(text).garbled
    assert outcome(match_kit("", text, KITS)) == "I24"


@given(
    st.lists(st.sampled_from(["SOD", "sof", "Start Office", "Digital", "Finance", "Plus", "-", "@", "/x"])),
    st.permutations(
        [FINANCE, DIGITAL, KitNames("PLUS", "Digital Plus"), KitNames("OFF", "Office", active=False)]
    ),
)
def test_the_order_of_kits_changes_nothing(fragments, kits):
    text = " ".join(fragments)

    assert match_kit(text, "", kits) == match_kit(text, "", kits[::-1])


def test_every_order_of_kits_finds_the_same_two():
    text = "Start Office Digital, Start Office Finance"

    found = {outcome(match_kit(text, "", order)) for order in permutations(KITS[:4])}

    assert found == {("SOD", "SOF")}


@given(st.text())
def test_any_text_gets_an_answer_whose_evidence_is_in_it(text):
    match = match_kit(text, "SOD", KITS)

    assert not isinstance(match, NotRecognised)
    assert all(
        m.text == {"title": text, "description": "SOD"}[m.source][m.start : m.end] for m in match.evidence
    )
