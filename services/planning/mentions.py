"""Who is mentioned in a comment: `@[opr_...]` stands for an operator."""

import re

from services.errors import InvalidInput

MOST_MENTIONS = 20

_MENTION = re.compile(r"@\[(opr_[0-9a-z]{1,60})\]")


def mentions_in(body: str) -> list[str]:
    """Return the ids of the operators who are mentioned, each once, in the order of the text.

    >>> mentions_in("@[opr_1] and @[opr_2], or @[opr_1]; not @opr_3")
    ['opr_1', 'opr_2']
    """
    found = list(dict.fromkeys(_MENTION.findall(body)))
    if len(found) > MOST_MENTIONS:
        expected = f"at most {MOST_MENTIONS} operators"
        raise InvalidInput("It mentions too many operators.", path=("body",), expected=expected)
    return found
