"""A secret is not recognisable in what the CRM repeats, however it writes the secret's characters."""

import html
import json
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, strategies as st

from services.crm.scrubber import Scrubber

SECRET = 'Però "È"\\d\'accordo & <così>/+ 100% €🔑'

WRITTEN = {
    "as it is": lambda text: text,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, in Unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON, with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON as .NET writes it": lambda text: "".join(
        c if c.isascii() and c.isalnum() else json.dumps(c)[1:-1] if ord(c) > 126 else f"\\u{ord(c):04X}"
        for c in text
    ),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "a web address": lambda text: quote(text, safe=""),
    "a web address that keeps slashes": quote,
    "a form": quote_plus,
    "a form in small letters": lambda text: "".join(
        f"%{byte:02x}" if byte > 126 or not chr(byte).isalnum() else chr(byte) for byte in text.encode()
    ),
    "an address in an address": lambda text: quote(quote(text, safe=""), safe=""),
    "HTML": html.escape,
    "HTML by numbers": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "HTML by hexadecimal numbers": lambda text: "".join(f"&#x{ord(c):X};" for c in text),
    "HTML in ASCII": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "HTML in HTML": lambda text: html.escape(html.escape(text)),
    "Python": lambda text: repr(text)[1:-1],
    "Python in ASCII": lambda text: ascii(text)[1:-1],
    "Python bytes": lambda text: repr(text.encode())[2:-1],
    "decomposed": lambda text: normalize("NFD", text),
    "UTF-8 read as Latin-1": lambda text: text.encode().decode("latin-1"),
}


@pytest.mark.parametrize("written", [pytest.param(write, id=name) for name, write in WRITTEN.items()])
def test_no_spelling_of_a_secret_stays(written):
    scrubbed = Scrubber(["another", SECRET])(f"The login of {written(SECRET)} failed.")

    assert scrubbed == "The login of *** failed."


PRINTABLE = st.text(min_size=1, alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]))


@given(PRINTABLE, st.sampled_from(list(WRITTEN)))
@example("Ã", "Python bytes")
def test_every_text_is_scrubbed_in_every_spelling(secret, spelling):
    scrubbed = Scrubber([secret])(WRITTEN[spelling](secret))

    assert scrubbed == "***"


def test_without_secrets_a_text_stays_as_it_is():
    assert Scrubber(["", ""])("nothing to hide") == "nothing to hide"
