"""The one place that chooses implementations and connects the parts."""

from server.wiring.crm_access import call_rate, open_gateway
from server.wiring.foundation import calendar_of, followers_of_changes
from server.wiring.hub import Hub, connect_hub, open_hub, working_in_background

__all__ = [
    "Hub",
    "calendar_of",
    "call_rate",
    "connect_hub",
    "followers_of_changes",
    "open_gateway",
    "open_hub",
    "working_in_background",
]
