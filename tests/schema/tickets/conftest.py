import pytest

from tests.support import factories
from tests.support.factories import save


@pytest.fixture
def ask(ask):
    """Ask about tickets that have the facts that follow from their rows."""

    async def ask_with_facts(document, **variables):
        await factories.store_facts()
        return await ask(document, **variables)

    return ask_with_facts


@pytest.fixture
async def parent(db):
    """A saved parent with nothing in it."""
    owner, customer, workflow = factories.operator(), factories.company(), factories.template()
    ticket = factories.ticket(company_id=customer.id, owner_id=owner.id, template_id=workflow.id)
    await save(owner, customer, workflow, ticket)
    return ticket
