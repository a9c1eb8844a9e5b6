from tortoise import migrations
from tortoise.migrations import operations as ops

RENAMED = {
    'sqlite': """UPDATE event
        SET {column} = json_set(json_remove({column}, '$.digits'), '$.serial', json_extract({column}, '$.digits'))
        WHERE entity = 'Ticket' AND json_type({column}, '$.digits') IS NOT NULL""",
    'postgres': """UPDATE event
        SET {column} = {column} - 'digits' || jsonb_build_object('serial', {column} -> 'digits')
        WHERE entity = 'Ticket' AND jsonb_exists({column}, 'digits')""",
}


async def rename_in_events(_apps, state_editor):
    for column in ('before', 'stored_after'):
        await state_editor.client.execute_query(RENAMED[state_editor.DIALECT].format(column=column))


class Migration(migrations.Migration):
    dependencies = [('models', '0033_checklist_entry_ids')]

    initial = False

    operations = [
        ops.RenameField(model_name='Ticket', old_name='digits', new_name='serial'),
        ops.RunPython(rename_in_events),
    ]
