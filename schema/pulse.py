"""What the frame around every screen shows."""

from datetime import date, datetime

import strawberry

from resolvers import pulse
from schema.actions import Action
from schema.crm_health import CrmHealth
from schema.work import WorkCounts
from services.live import ListTopic


@strawberry.type(description="What the frame around every screen shows.")
class Pulse:
    data_until: datetime = strawberry.field(description="When the last change was made that it includes.")
    today: date = strawberry.field(description="The calendar's day, with which lights are compared.")
    work: WorkCounts = strawberry.field(resolver=pulse.work, description="How much waits, as badges show it.")
    crm: CrmHealth = strawberry.field(
        resolver=pulse.crm, description="The current state of the connection to the CRM."
    )
    running: list[Action] = pulse.running_actions("The actions that run now, newest first; at most 20.")
    changed: list[ListTopic] = strawberry.field(
        description="The lists that changed since the item before: fetch those that are on the screen. "
        "Empty in the first item."
    )
