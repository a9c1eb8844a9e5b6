"""Addresses of documents and pages that belong to tickets, milestones and tasks."""

from dataclasses import dataclass
from functools import partial

from models import Link
from services.errors import Refusal
from services.events import EventLog, EventType, changing
from services.planning.addresses import web_address
from services.planning.tickets.drafts import TooMany, stated
from services.records import get_subject, ticket_of
from services.vocabulary import LinkKind

MOST_LINKS = 100


class UnknownLink(Refusal):
    """There is no such link."""

    code = "UNKNOWN_LINK"


@dataclass(frozen=True, slots=True)
class RemovedLink:
    removed_id: str
    tree_id: str


async def add_link(
    subject_id: str, url: str, title: str, kind: LinkKind, *, actor: str, events: EventLog
) -> Link:
    """Attach an address, or give one that is attached already this title and kind."""
    async with changing(events, partial(get_subject, subject_id), actor=actor) as (change, subject):
        address, title = web_address(url), stated(title, "title")
        links = await Link.filter(subject_id=subject_id)
        for link in links:
            if link.url == address:
                await change.update(link, kind=EventType.LINK_CHANGED, title=title, purpose=kind)
                return link
        if len(links) >= MOST_LINKS:
            raise TooMany(f"It has {MOST_LINKS} links, and there can be no more.", path=("subjectId",))
        link = Link(
            tree_id=subject.event_stream_id,
            subject_id=subject_id,
            ticket_id=ticket_of(subject),
            purpose=kind,
            title=title,
            url=address,
            added_by_id=actor,
            added_at=change.at,
        )
        return await change.create(link, kind=EventType.LINK_ADDED)


async def remove_link(
    link_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> RemovedLink:
    """Remove a link, also if another operator added it."""
    load = partial(_get_link, link_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, link):
        await change.delete(link, kind=EventType.LINK_REMOVED)
    return RemovedLink(link.id, link.tree_id)


async def _get_link(link_id: str) -> Link:
    link = await Link.get_or_none(id=link_id)
    if link is None:
        raise UnknownLink(f"There is no link {link_id[:40]!r}.", path=("linkId",))
    return link
