"""How a CSV file is written for people who speak a language: its words, its separators, and nothing that runs."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO

from services.planning.kpis.words import KpiUnit

# By it spreadsheets know that a file is UTF-8.
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"

# With these a spreadsheet begins a formula, some of them in East Asian settings only.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True, slots=True)
class CsvWords:
    separator: str
    decimal_point: str
    item: str
    company: str
    operator: str
    contribution: str
    counts: str
    at: str
    yes: str
    no: str
    units: Mapping[KpiUnit, str]

    def number(self, value: Decimal) -> str:
        return f"{value:f}".replace(".", self.decimal_point)


ENGLISH = CsvWords(
    separator=",",
    decimal_point=".",
    item="Item",
    company="Company",
    operator="Operator",
    contribution="Contribution",
    counts="Counts",
    at="When",
    yes="yes",
    no="no",
    units={
        KpiUnit.COUNT: "number",
        KpiUnit.SHARE: "share",
        KpiUnit.WORKING_DAYS: "working days",
        KpiUnit.WORK_HOURS: "hours",
        KpiUnit.EUR: "EUR",
    },
)
ITALIAN = CsvWords(
    separator=";",
    decimal_point=",",
    item="Elemento",
    company="Azienda",
    operator="Operatore",
    contribution="Contributo",
    counts="Conta",
    at="Quando",
    yes="sì",
    no="no",
    units={
        KpiUnit.COUNT: "numero",
        KpiUnit.SHARE: "quota",
        KpiUnit.WORKING_DAYS: "giorni lavorativi",
        KpiUnit.WORK_HOURS: "ore",
        KpiUnit.EUR: "EUR",
    },
)


def words_for(accept_language: str) -> CsvWords:
    """Return the words for the language that is named first.

    >>> words_for("it-IT,it;q=0.9").separator, words_for("en, it").separator, words_for("").separator
    (';', ',', ',')
    """
    first = accept_language.replace(",", " ").replace(";", " ").replace("-", " ").lower().split()
    return ITALIAN if first[:1] == ["it"] else ENGLISH


def as_csv(rows: Iterable[Sequence[str]], words: CsvWords, *, is_first: bool = False) -> bytes:
    """Return the lines of a file in UTF-8; `is_first`: the file begins with them."""
    written = StringIO(newline="")
    writer = csv.writer(written, delimiter=words.separator)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return (MARK * is_first + written.getvalue()).encode()


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> defused("=1+1"), defused("Officine Brembate")
    ("'=1+1", 'Officine Brembate')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
