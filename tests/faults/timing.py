"""How quickly everything goes in a run: the product's own times, scaled down by its settings."""

TIME_LIMIT = 1.0
SETTLE = 1.3
LAG = 0.5
HEARTBEAT = 3.0
SECOND_LOOK = 3.1
"""A tenth longer than the first three together; only where something may freeze, because every action waits for it."""

SETTINGS = {
    "CRM_TIME_LIMIT": str(TIME_LIMIT),
    "HUB_SETTLE_SECONDS": str(SETTLE),
    "HUB_LAG_BOUND_SECONDS": str(LAG),
    "HUB_HEARTBEAT_SECONDS": str(HEARTBEAT),
    "HUB_SECOND_LOOK_SECONDS": "0",
    "HUB_BREAKER_SECONDS": "0.5",
    "HUB_BACKOFF_SECONDS": "0.05",
    "HUB_SWEEP_SECONDS": "1",
    "HUB_POLL_SECONDS": "0",
    "HUB_PORT": "0",
}
