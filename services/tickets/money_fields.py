"""The currency of amounts."""

from services.reads.plan import Expression

# The catalog's prices and the CRM's amounts are always in euro, so no column holds a currency.
CURRENCY = "EUR"
currency = Expression(f"'{CURRENCY}'", returns=str)


def only_currency() -> str:
    return CURRENCY
