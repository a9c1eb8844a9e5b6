from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.sort_keys import SORT_KEY_LENGTH, sort_key

# Of each table: the column of sort keys, and the column that it sorts by.
SORTED = {
    'operator': ('sort_name', 'name'),
    'company': ('sort_name', 'name'),
    'service': ('sort_name', 'name'),
    'kit': ('sort_name', 'name'),
    'opportunity': ('sort_title', 'title'),
}


def add_sort_key(model_name, name):
    field = fields.CharField(default='', db_default='', max_length=SORT_KEY_LENGTH)
    return ops.AddField(model_name=model_name, name=name, field=field)


async def fill(_apps, state_editor):
    """Give the rows that are there their keys, and let PostgreSQL compare these by their bytes, as SQLite does."""
    client = state_editor.client
    sqlite = state_editor.DIALECT == 'sqlite'
    key_place, id_place = ('?', '?') if sqlite else ('$1', '$2')
    for table, (key, name) in SORTED.items():
        if not sqlite:
            kind = f'VARCHAR({SORT_KEY_LENGTH}) COLLATE "C"'
            await client.execute_script(f'ALTER TABLE "{table}" ALTER COLUMN "{key}" TYPE {kind}')
        rows = await client.execute_query_dict(f'SELECT "id", "{name}" AS "name" FROM "{table}"')
        keys = [[sort_key(row['name']), row['id']] for row in rows]
        if keys:
            await client.execute_many(f'UPDATE "{table}" SET "{key}" = {key_place} WHERE "id" = {id_place}', keys)


class Migration(migrations.Migration):
    dependencies = [('models', '0024_tenant_binding')]

    initial = False

    operations = [
        add_sort_key('Operator', 'sort_name'),
        add_sort_key('Company', 'sort_name'),
        add_sort_key('Service', 'sort_name'),
        add_sort_key('Kit', 'sort_name'),
        add_sort_key('Opportunity', 'sort_title'),
        ops.RunPython(fill),
        ops.RemoveIndex(model_name='Opportunity', fields=['title', 'id']),
        ops.AddIndex(model_name='Company', index=Index(fields=['sort_name', 'id'])),
        ops.AddIndex(model_name='Opportunity', index=Index(fields=['sort_title', 'id'])),
    ]
