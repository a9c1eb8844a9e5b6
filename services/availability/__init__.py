"""What would come of pressing a button now."""

from services.availability.presses import (
    Availability,
    company_availability,
    opportunity_availability,
    ticket_availability,
)
from services.availability.sources import of_child, of_company, of_opportunity, of_ticket

__all__ = [
    "Availability",
    "company_availability",
    "of_child",
    "of_company",
    "of_opportunity",
    "of_ticket",
    "opportunity_availability",
    "ticket_availability",
]
