"""What the console's tests find when they open it: tickets in several states, and sales that wait for a decision."""

from tests.support.story import GENERATE, IMPORT, SYNC, Desk

FRESH_KITS = ("Start Office Digital",) * 3 + ("Start Office Finance", "Start Office Digital")
CLOSED = (0, 1, 2, 4)
NOBODYS_SALE = "844018"
UNCLEAR_SALES = (
    "Venduto un kit: Start Office Digital o Start Office Training",
    "Venduto un kit, ma quale?",
    "Preventivo per il kit Start Office Finance",
)


def fill_the_inbox(desk: Desk) -> None:
    for subject in UNCLEAR_SALES:
        desk.hub.ask(IMPORT, id=str(desk.record_sale(subject)))
    desk.hub.ask(IMPORT, id=NOBODYS_SALE)


def add_tickets(desk: Desk) -> dict[str, str]:
    """A ticket with children, one with an open onboarding, and some without opportunities yet; returns their codes."""
    tree = desk.take_in(845155)
    onboarding = desk.take_in(desk.record_sale("Venduto kit Start Office Finance"))
    desk.complete_all(desk.tree(tree))
    desk.press(GENERATE, tree)
    desk.press(SYNC, tree)
    fresh = [desk.take_in(desk.record_sale(f"Venduto kit {kit}")) for kit in FRESH_KITS]
    for ticket in (fresh[at] for at in CLOSED):
        desk.complete_all(desk.tree(ticket))
    return {
        "HUB_TREE": desk.tree(tree)["code"],
        "HUB_ONBOARDING": desk.tree(onboarding)["code"],
        "HUB_FRESH": " ".join(desk.tree(ticket)["code"] for ticket in fresh),
    }
