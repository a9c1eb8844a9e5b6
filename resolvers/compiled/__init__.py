"""From a checked query to the shape of its answer, so that one statement can read all of it.

Only what is fully understood is compiled. Everything else raises `NotCompilable`, and the whole operation is executed
field by field.
"""

from resolvers.compiled.documents import Chosen, choose, is_plain
from resolvers.compiled.lasting import lasts
from resolvers.compiled.operations import Compiled, compile_operation, node_roots, node_types
from resolvers.compiled.refusals import NotCompilable
from resolvers.compiled.selected_rows import SelectedRows

__all__ = [
    "Chosen",
    "Compiled",
    "NotCompilable",
    "SelectedRows",
    "choose",
    "compile_operation",
    "is_plain",
    "lasts",
    "node_roots",
    "node_types",
]
