"""Our reference in the texts of a CRM record: written once, and found again whatever people add around it.

The CRM has no field for our key in activities, so the reference is part of the subject and of the first line of the
description, as `[IH:<reference>]`.
"""

import re

_REFERENCE = r"[A-Za-z0-9][A-Za-z0-9._:/-]*"
_ORIGIN = "activity:"
_MARKER = re.compile(rf"\[IH:({_REFERENCE})\]")
_LEADING_MARKER = re.compile(rf"\A\[IH:{_REFERENCE}\](?:\r?\n| |\Z)")


def mark(subject: str, reference: str) -> str:
    """Put the reference in front of a one-line text, replacing one that is there already.

    >>> mark("Firma Incarico", "TCK-F40-5155-01:2")
    '[IH:TCK-F40-5155-01:2] Firma Incarico'
    >>> mark("[IH:old] Firma Incarico", "new")
    '[IH:new] Firma Incarico'
    """
    return f"{_marker(reference)} {unmark(subject)}"


def mark_first_line(text: str, reference: str) -> str:
    r"""Give the reference a first line of its own, in the place of one that stands there.

    >>> mark_first_line("Scade il 23 dicembre.", "task:7")
    '[IH:task:7]\nScade il 23 dicembre.'
    """
    return f"{_marker(reference)}\n{unmark(text)}"


def unmark(text: str) -> str:
    """Return the text as it was before it was marked.

    >>> unmark("[IH:task:7] Firma Incarico")
    'Firma Incarico'
    """
    return _LEADING_MARKER.sub("", text)


def find_reference(text: str) -> str | None:
    """Return the first reference in the text, wherever it stands.

    >>> find_reference("R: [IH:task:7] Firma Incarico")
    'task:7'
    >>> find_reference("Firma Incarico") is None
    True
    """
    found = _MARKER.search(text)
    return found.group(1) if found else None


def not_ours(activity_id: int, reference: str) -> str:
    """Return what an operator reads about an activity that does not carry the reference it should have.

    >>> not_ours(846, "TCK-F40-5155-01:2").partition(".")[0]
    'The activity 846 of the CRM does not carry the marker [IH:TCK-F40-5155-01:2], so it was left alone'
    """
    return (
        f"The activity {activity_id} of the CRM does not carry the marker {_marker(reference)}, so it was left alone. "
        "Put the marker into the subject of the activity that belongs to this milestone, and generate the activities "
        "again."
    )


def origin(activity_id: int) -> str:
    """Return how an opportunity's description names its sale.

    >>> origin(845155)
    'activity:845155'
    """
    return f"{_ORIGIN}{activity_id}"


def find_origin(text: str) -> int | None:
    """
    >>> find_origin("[IH:activity:845155]\\nRiga 2 del ticket TCK-SOD-5155-00")
    845155
    >>> find_origin("Riga 2") is find_origin("[IH:TCK-F40-5155-02]") is None
    True
    """
    kind, found, number = (find_reference(text) or "").partition(_ORIGIN)
    return int(number) if found and not kind and number.isdecimal() else None


def _marker(reference: str) -> str:
    if not re.fullmatch(_REFERENCE, reference):
        raise ValueError(f"{reference!r} cannot be a reference: letters, digits and . _ : / - only.")
    return f"[IH:{reference}]"
