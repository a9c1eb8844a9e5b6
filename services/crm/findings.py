"""What the doctor has to say, one finding at a time."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A PROBLEM keeps the hub from working as it should, a WARNING costs something, a NOTE is to be known."""

    PROBLEM = "PROBLEM"
    WARNING = "WARNING"
    NOTE = "NOTE"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in plain words, and what to do about it."""

    code: str
    severity: Severity
    words: str
    remedy: str = ""


def problem(code: str, words: str, remedy: str) -> Finding:
    return Finding(code, Severity.PROBLEM, words, remedy)


def warning(code: str, words: str, remedy: str) -> Finding:
    return Finding(code, Severity.WARNING, words, remedy)


def note(code: str, words: str, remedy: str = "") -> Finding:
    return Finding(code, Severity.NOTE, words, remedy)
