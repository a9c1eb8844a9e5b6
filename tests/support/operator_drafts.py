"""Operators as tests save them."""

from datetime import UTC, datetime

from services.operators import OperatorDraft
from services.vocabulary import Role

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GIULIA = OperatorDraft(name="Giulia Ferri", email="giulia@studio.example", role=Role.OPERATOR)
