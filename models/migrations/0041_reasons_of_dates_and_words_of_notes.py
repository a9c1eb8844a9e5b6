from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from models.sort_keys import plain_words


async def fill_search_notes(_apps, state_editor):
    """Give the notes that are there the words that they are found by."""
    client = state_editor.client
    words_place, id_place = ('?', '?') if state_editor.DIALECT == 'sqlite' else ('$1', '$2')
    rows = await client.execute_query_dict("""SELECT "id", "notes" FROM "ticket" WHERE "notes" <> ''""")
    if rows:
        await client.execute_many(
            f'UPDATE "ticket" SET "search_notes" = {words_place} WHERE "id" = {id_place}',
            [[plain_words(row['notes']), row['id']] for row in rows],
        )


def reason(model_name):
    field = fields.TextField(null=True, unique=False)
    return ops.AddField(model_name=model_name, name='rescheduled_reason', field=field)


class Migration(migrations.Migration):
    dependencies = [('models', '0040_item_reasons')]

    initial = False

    operations = [
        reason('Task'),
        reason('Milestone'),
        ops.AddField(
            model_name='Ticket',
            name='search_notes',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.RunPython(fill_search_notes),
    ]
