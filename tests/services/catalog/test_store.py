"""The shipped catalog in the database: stored once, changed by versions, and what operators edited stays."""

from decimal import Decimal

import pytest

from models import Event, Kit, KitLine, Service, WorkflowTemplate
from server.wiring import open_hub
from services.catalog.store import find_template, get_kit, list_kit_names, list_services, store_catalog
from services.errors import Refusal
from services.planning.catalog.loader import load_catalog
from services.vocabulary import MilestoneKind
from tests.support.hub import dump, settings_for


def with_service(code, **changes):
    catalog = load_catalog()
    services = [one.model_copy(update=changes) if one.code == code else one for one in catalog.services]
    return catalog.model_copy(update={"services": tuple(services)})


def with_kit(code, **changes):
    catalog = load_catalog()
    kits = [one.model_copy(update=changes) if one.code == code else one for one in catalog.kits]
    return catalog.model_copy(update={"kits": tuple(kits)})


async def test_what_was_stored_is_what_was_shipped(hub):
    catalog = load_catalog()

    assert await list_services() == {service.code: service for service in catalog.services}
    for kit in catalog.kits:
        assert (await get_kit(kit.code))[1] == kit
    for workflow in catalog.workflows:
        assert (await find_template(workflow.code))[1] == workflow


async def test_the_matcher_knows_every_kit_by_its_name_and_its_aliases(hub):
    names = {one.key: one for one in await list_kit_names()}

    assert (names["SOD"].name, names["SOD"].aliases, names["SOD"].active) == (
        "Start Office Digital",
        ("SOD",),
        True,
    )


async def test_a_restart_with_the_same_catalog_writes_nothing(hub, hub_url, sandbox):
    before = dump(hub_url)

    async with open_hub(settings_for(hub_url, sandbox)):
        pass

    assert dump(hub_url) == before


async def test_what_operators_edited_survives_a_restart_with_the_same_catalog(hub, giulia, hub_url):
    async with hub.events.change("catalog", actor=giulia.id) as change:
        service = await Service.get(code="F40")
        await change.update(
            service,
            kind="SERVICE_SAVED",
            price=Decimal("5100.00"),
            responsible_id=giulia.id,
            name="Formazione",
        )
        await change.update(await Kit.get(code="SOD"), kind="KIT_SAVED", active=False)
    before = dump(hub_url)

    await store_catalog(load_catalog(), events=hub.events)

    assert dump(hub_url) == before
    assert (await Service.get(code="F40")).responsible_id == giulia.id


async def test_a_changed_workflow_is_a_new_version_beside_the_old_one(hub, hub_url):
    before = dump(hub_url)
    catalog = load_catalog()
    workflows = [
        one.model_copy(update={"milestones": one.milestones[:2]}) if one.code == "F40" else one
        for one in catalog.workflows
    ]

    await store_catalog(catalog.model_copy(update={"workflows": tuple(workflows)}), events=hub.events)

    old, new = await WorkflowTemplate.filter(code="F40").order_by("version")
    assert [(old.version, old.current), (new.version, new.current)] == [(1, False), (2, True)]
    after = dump(hub_url)
    for table in ("milestone_template", "task_template"):
        assert set(before[table]) < set(after[table])
    assert len((await find_template("F40"))[1].milestones) == 2
    assert await WorkflowTemplate.filter(current=True).count() == len(catalog.workflows)


async def test_a_changed_service_keeps_its_responsible(hub, giulia):
    await Service.filter(code="F40").update(responsible_id=giulia.id)

    await store_catalog(with_service("F40", price=Decimal("4700.00")), events=hub.events)

    service = await Service.get(code="F40")
    assert (service.price, service.responsible_id, service.version) == (Decimal("4700.00"), giulia.id, 2)


async def test_a_changed_kit_gets_its_new_lines_in_order(hub):
    lines = (*load_catalog().kits[0].lines[:1], *load_catalog().kits[0].lines[:1])

    await store_catalog(with_kit("SOF", lines=lines), events=hub.events)

    kit = await Kit.get(code="SOF")
    stored = await KitLine.filter(kit_id=kit.id).order_by("position").prefetch_related("service")
    assert [(line.position, line.service.code) for line in stored] == [(1, "SOF"), (2, "SOF")]


async def test_dependencies_are_kept_by_position_and_read_by_title(hub):
    _, workflow = await find_template("F40")

    last = workflow.milestones[-1]
    assert last.kind is MilestoneKind.CRITICAL
    assert last.depends_on == ("Erogazione dei corsi", "Costi del personale in formazione")


async def test_every_change_of_the_catalog_is_recorded_in_its_stream(hub):
    seq = (await Event.filter(stream_id="catalog").order_by("-seq").first()).seq

    await store_catalog(with_service("F40", price=Decimal("4700.00")), events=hub.events)

    [event] = await Event.filter(stream_id="catalog", seq__gt=seq)
    assert (event.kind, event.actor) == ("SERVICE_SAVED", "system:catalog")
    assert (event.after["price"], event.after["version"]) == ("4700.00", 2)


async def test_a_kit_that_does_not_exist_is_refused(hub):
    with pytest.raises(Refusal) as refused:
        await get_kit("NOPE")

    assert refused.value.code == "UNKNOWN_KIT"


async def test_a_workflow_that_does_not_exist_is_not_found(hub):
    assert await find_template("NOPE") is None
    assert await find_template(None) is None
