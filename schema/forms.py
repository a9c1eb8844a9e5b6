"""How the codes and ids that filters compare are written."""

import re

import models
from models.identity import Row, prefix_of
from resolvers.reads.filters import Form, id_form
from services.planning.catalog.types import CODE_PATTERN
from services.planning.tickets.codes import is_ticket_code


def _names_a_row(text: str) -> bool:
    model = vars(models).get(text)
    return isinstance(model, type) and issubclass(model, Row)


TICKET_CODE = Form(is_ticket_code, "a code such as TCK-SOD-5155-00")
CATALOG_CODE = Form(lambda text: re.fullmatch(CODE_PATTERN, text), "a code such as SOD")
TREE_ID = id_form(models.Ticket)
ENTITY = Form(_names_a_row, "the name of a type of row, such as Task")
ROW_ID = Form(prefix_of, "an id")
CHANGE_ID = Form(lambda text: prefix_of(text) == "chg", "the id of a change")
STREAM_ID = Form(
    lambda text: text in ("access", "catalog", "intake") or prefix_of(text) in ("tck", "axn"),
    "the id of a stream",
)
