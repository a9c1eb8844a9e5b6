"""A second way to carry out reads: one statement whose result is the finished JSON.

It knows no noun and no GraphQL. `shapes` says what to answer, `forms` how values are written, `writer` writes the
statement, `answers` carries it out, and `states` says of which state of the database an answer is.
"""

from services.reads.compiled.answers import NotProvided, Statement, Unanswered, answer, finished_rows
from services.reads.compiled.forms import Form, Kind
from services.reads.compiled.shapes import (
    Asked,
    Constant,
    Edges,
    Exists,
    Field,
    Fields,
    Info,
    Linked,
    Many,
    Member,
    Nodes,
    One,
    PageShape,
    Root,
    RowShape,
    Sought,
    TotalCount,
    Value,
)
from services.reads.compiled.states import State, state_of

__all__ = [
    "Asked",
    "Constant",
    "Edges",
    "Exists",
    "Field",
    "Fields",
    "Form",
    "Info",
    "Kind",
    "Linked",
    "Many",
    "Member",
    "Nodes",
    "NotProvided",
    "One",
    "PageShape",
    "Root",
    "RowShape",
    "Sought",
    "State",
    "Statement",
    "TotalCount",
    "Unanswered",
    "Value",
    "answer",
    "finished_rows",
    "state_of",
]
