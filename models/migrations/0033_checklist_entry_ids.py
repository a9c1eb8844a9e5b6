import json

from tortoise import migrations
from tortoise.migrations import operations as ops

from models.identity import new_id


async def name_entries(_apps, state_editor):
    """Give the entries of checklists their ids, in the rows and in the events of new tasks.

    Nothing changed a checklist before, so no other event holds one.
    """
    client = state_editor.client
    list_place, id_place = ('?', '?') if state_editor.DIALECT == 'sqlite' else ('$1::jsonb', '$2')
    checklists = {}
    for row in await client.execute_query_dict('SELECT "id", "checklist" FROM "task"'):
        entries = _read(row['checklist'])
        if any('id' not in entry for entry in entries):
            checklists[row['id']] = [{'id': new_id('chk'), **entry} for entry in entries]
    told = [
        [{**stored, 'checklist': checklists[row['entity_id']]}, row['id']]
        for row in await client.execute_query_dict(
            """SELECT "id", "entity_id", "stored_after" FROM "event" WHERE "kind" = 'TASK_CREATED'"""
        )
        if row['entity_id'] in checklists and 'checklist' in (stored := _read(row['stored_after']))
    ]
    named = [[entries, task_id] for task_id, entries in checklists.items()]
    for table, column, values in (('task', 'checklist', named), ('event', 'stored_after', told)):
        if values:
            await client.execute_many(
                f'UPDATE "{table}" SET "{column}" = {list_place} WHERE "id" = {id_place}',
                [[json.dumps(value), row_id] for value, row_id in values],
            )


def _read(column):
    return json.loads(column) if isinstance(column, str | bytes) else column


class Migration(migrations.Migration):
    dependencies = [('models', '0032_index_for_roles')]

    initial = False

    operations = [ops.RunPython(name_entries)]
