"""What amounts are counted in."""

from services.reads.plan import Expression

# The catalog's prices and the CRM's amounts are in euro; no column says so, because there is no other.
currency = Expression("'EUR'", returns=str)
