"""The findings of the doctor."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A PROBLEM keeps the hub from working properly, a WARNING has a cost, a NOTE is for information."""

    PROBLEM = "PROBLEM"
    WARNING = "WARNING"
    NOTE = "NOTE"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding in plain words, and what to do about it."""

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
