"""Every parent takes a serial of its own."""

import asyncio

from models import CrmActivity, Ticket
from services.crm.records import ActivityRecord, CompanyRecord
from services.intake.imports import Intake
from tests.support.hub import BREMBATE, INTAKE_SUB_TYPE, add_operator, take_in


class ShelfCrm:
    """A CRM that holds sales of the story's kit under the ids that a test needs."""

    def __init__(self, *activity_ids: int) -> None:
        self.activity_ids = activity_ids

    def with_priority(self, _priority):
        return self

    async def get_activity(self, activity_id):
        if activity_id not in self.activity_ids:
            return None
        return ActivityRecord(
            id=activity_id,
            subject="Start Office Digital",
            sub_type_id=INTAKE_SUB_TYPE,
            company_id=BREMBATE,
            owner_id=2002,
        )

    async def get_company(self, company_id):
        return CompanyRecord(id=company_id, name="Officine Brembate")

    async def find_coded(self, part, *, company_id):
        return []


def intake_over(hub, crm):
    return Intake(crm=crm, events=hub.events, calendar=hub.calendar, sub_type_id=INTAKE_SUB_TYPE)


async def test_sales_whose_ids_end_alike_take_longer_serials(hub, giulia):
    await add_operator(hub.events, "Sara", crm_user_id=2004)

    parents = [await take_in(hub, number, actor=giulia.id) for number in (843311, 833311)]

    assert [parent.serial for parent in parents] == ["3311", "33311"]
    assert [parent.code for parent in parents] == ["TCK-SOS-3311-00", "TCK-SOF-33311-00"]


async def test_serials_are_unique_across_kits_also_when_many_are_claimed_at_once(hub, giulia):
    ids = [3311, 13311, 23311, 813311, 913311, 1913311, 2913311, 33311]
    intake = intake_over(hub, ShelfCrm(*ids))

    await asyncio.gather(*(intake.import_activity(one, actor=giulia.id) for one in ids))

    serials = await Ticket.all().values_list("serial", flat=True)
    assert len(set(serials)) == len(ids)
    for ticket in await Ticket.all():
        number = (await CrmActivity.get(ticket_id=ticket.id)).crm_id
        assert str(number).endswith(ticket.serial) or ticket.serial.startswith(str(number))


async def test_two_processes_that_claim_the_same_serial_get_different_ones(
    hub, hub_url, sandbox, giulia, rivals
):
    await add_operator(hub.events, "Sara", crm_user_id=2004)

    await rivals.race(hub_url, sandbox, ("take in", 843311, giulia.id), ("take in", 833311, giulia.id))

    serials = {one.serial for one in await Ticket.all()}
    assert serials in ({"3311", "33311"}, {"3311", "43311"})


async def test_an_id_whose_serials_are_all_taken_is_followed_by_a_letter(hub, giulia):
    intake = intake_over(hub, ShelfCrm(843311, 3311))

    await intake.import_activity(843311, actor=giulia.id)
    imported = await intake.import_activity(3311, actor=giulia.id)

    assert (await Ticket.get(id=imported.ticket_id)).code == "TCK-SOD-3311A-00"


async def test_a_number_with_fewer_than_four_digits_is_filled_with_zeros(hub, giulia):
    imported = await intake_over(hub, ShelfCrm(7)).import_activity(7, actor=giulia.id)

    assert (await Ticket.get(id=imported.ticket_id)).code == "TCK-SOD-0007-00"
