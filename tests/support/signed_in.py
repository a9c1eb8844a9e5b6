"""Browsers that sign in."""


def as_browser(served, session, *, origin=None) -> dict[str, str]:
    return {"Cookie": f"hub_session={session}", "Origin": origin or served.address}
