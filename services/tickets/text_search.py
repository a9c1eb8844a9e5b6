"""Where the words of a text are looked for: in titles, codes, notes and the names of companies."""

from collections.abc import Callable

from models import Company, Milestone, Ticket
from models.sort_keys import sort_key
from services.reads import AllOf, AnyOf, Condition, Contains, Meaningless, Related

LONGEST_TEXT = 100


def has_words(text: str, stands: Callable[[str], Condition]) -> Condition:
    """Return the condition that each word of a text stands in a row.

    Meaningless: the text has no word, or is too long.
    """
    return AllOf(tuple(stands(word) for word in words_of(text)))


def words_of(text: str) -> list[str]:
    """Return the words to look for, as sort keys have them. Meaningless: there is none, or the text is too long."""
    words = sort_key(text).split()
    if not words or len(text) > LONGEST_TEXT:
        raise Meaningless(
            f"A text to look for has a letter or a digit, and at most {LONGEST_TEXT} characters."
        )
    return words


def in_company(word: str) -> Condition:
    return Contains("sort_name", word)


def in_ticket(word: str) -> Condition:
    """In its title, its code or its company's name."""
    return AnyOf((_in_title(word), *_in_code_or_company(word)))


def in_ticket_or_notes(word: str) -> Condition:
    return AnyOf((in_ticket(word), Contains("search_notes", word)))


def in_milestone(word: str) -> Condition:
    """In its title, or its ticket's code or company."""
    return AnyOf((_in_title(word), _in_ticket_above(word)))


def in_task(word: str) -> Condition:
    """In its title, its milestone's title, or its ticket's code or company."""
    return AnyOf(
        (_in_title(word), Related("milestone_id", Milestone, _in_title(word)), _in_ticket_above(word))
    )


def _in_ticket_above(word: str) -> Condition:
    return Related("ticket_id", Ticket, AnyOf(_in_code_or_company(word)))


def _in_code_or_company(word: str) -> tuple[Condition, ...]:
    """Codes are written in capitals, sort keys without."""
    return Contains("code", word.upper()), Related("company_id", Company, in_company(word))


def _in_title(word: str) -> Condition:
    return Contains("sort_title", word)
