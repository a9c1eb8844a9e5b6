"""What a test has set up, kept in the store: the lasting switches and the plan of faults (§7)."""

from collections.abc import Mapping
from typing import Any

import orjson

from services.crm.sandbox.faults import Fault
from services.crm.sandbox.store import Store
from services.crm.sandbox.switches import Switches

_SETTING = "switches"


class Switchboard:
    """The switches as they stand; a change is on disk before it is in force. `era` is how often all was reset."""

    def __init__(self, store: Store) -> None:
        self.era = 0
        self._store = store
        saved = store.find_setting(_SETTING)
        self._current = Switches() if saved is None else Switches.model_validate_json(saved)

    def current(self) -> Switches:
        return self._current

    def change(self, changes: Mapping[str, Any]) -> Switches:
        """Set some switches and keep the others; raises ValidationError and changes nothing if one is wrong."""
        return self._save(Switches.model_validate({**self._current.model_dump(), **changes}))

    def reset(self) -> Switches:
        self.era += 1
        return self._save(Switches())

    def _save(self, switches: Switches) -> Switches:
        self._store.save_setting(_SETTING, switches.model_dump_json())
        self._current = switches
        return switches


class FaultPlan:
    """The faults still to come, in the order in which they were planned."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, fault: Fault) -> int:
        return self._store.add_fault(fault.model_dump_json(exclude_unset=True))

    def clear(self) -> None:
        self._store.empty(["fault"])

    def listed(self) -> list[dict[str, Any]]:
        """Every fault with how many calls it has seen and how many it has hit."""
        return [{**row, "body": orjson.loads(row["body"])} for row in self._store.list_faults()]

    def next_fault(self, *, method: str, controller: str, action: str) -> Fault | None:
        """Count a call, and take the first fault that is due for it."""
        hit: Fault | None = None
        with self._store.transaction():
            for row in self._store.list_faults():
                fault = Fault.model_validate_json(row["body"])
                if not fault.match.fits(method=method, controller=controller, action=action):
                    continue
                seen, used = row["seen"] + 1, row["used"]
                if hit is None and fault.due(seen=seen, used=used):
                    hit, used = fault, used + 1
                self._store.count_fault(row["id"], seen=seen, used=used)
        return hit
