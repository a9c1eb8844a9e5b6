"""The variables of a CRM at an address where no server listens."""

CRM = {
    "BASE_URL": "http://127.0.0.1:9",
    "AUTH_MODE": "KEY",
    "API_KEY": "key",
    "INTAKE_SUB_TYPE_ID": "1",
    "SHADOW_SUB_TYPE_ID": "2",
    "ACTIVITY_TYPE": "7",
    "OPEN_STATE": "1",
    "COMPLETED_STATE": "2",
}
