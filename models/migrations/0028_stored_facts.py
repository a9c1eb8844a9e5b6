from datetime import UTC, datetime

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.sort_keys import SORT_KEY_LENGTH, sort_key

TABLES = {'Ticket': 'ticket', 'Milestone': 'milestone', 'Task': 'task'}
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def add(model_name, **columns):
    return [ops.AddField(model_name=model_name, name=name, field=field) for name, field in columns.items()]


def key():
    return fields.CharField(default='', db_default='', max_length=SORT_KEY_LENGTH)


def number():
    return fields.IntField(default=0, db_default=0)


def flag():
    return fields.BooleanField(default=False, db_default=False)


def day():
    return fields.DateField(null=True)


def instant():
    return fields.DatetimeField(default=NEVER, db_default=NEVER)


def index(model_name, *columns):
    return ops.AddIndex(model_name=model_name, index=Index(fields=list(columns)))


async def fill_sort_keys(_apps, state_editor):
    """Give the titles that are there their sort keys, which PostgreSQL compares by their bytes.

    The other columns follow from the calendar as well: the program fills them at its next start, because no ticket
    has its `facts_basis` yet.
    """
    client = state_editor.client
    sqlite = state_editor.DIALECT == 'sqlite'
    key_place, id_place = ('?', '?') if sqlite else ('$1', '$2')
    for table in TABLES.values():
        if not sqlite:
            kind = f'VARCHAR({SORT_KEY_LENGTH}) COLLATE "C"'
            await client.execute_script(f'ALTER TABLE "{table}" ALTER COLUMN "sort_title" TYPE {kind}')
        rows = await client.execute_query_dict(f'SELECT "id", "title" FROM "{table}"')
        keys = [[sort_key(row['title']), row['id']] for row in rows]
        if keys:
            words = f'UPDATE "{table}" SET "sort_title" = {key_place} WHERE "id" = {id_place}'
            await client.execute_many(words, keys)


class Migration(migrations.Migration):
    dependencies = [('models', '0027_words_that_are_enumerations')]

    initial = False

    operations = [
        *add('Event', consequences=fields.JSONField(null=True)),
        *add(
            'Ticket',
            sort_title=key(),
            yellow_on=day(),
            red_on=day(),
            task_count=number(),
            finished_task_count=number(),
            urgency=number(),
            updated_at=instant(),
            facts_basis=fields.CharField(default='', db_default='', max_length=60),
        ),
        *add(
            'Milestone',
            sort_title=key(),
            blocked=flag(),
            yellow_on=day(),
            red_on=day(),
            task_count=number(),
            finished_task_count=number(),
            updated_at=instant(),
        ),
        *add(
            'Task',
            sort_title=key(),
            ready=flag(),
            blocked=flag(),
            yellow_on=day(),
            red_on=day(),
            urgency=number(),
            updated_at=instant(),
        ),
        ops.RunPython(fill_sort_keys),
        index('Ticket', 'sort_title', 'id'),
        index('Ticket', 'yellow_on', 'due_on', 'id'),
        index('Ticket', 'red_on', 'id'),
        index('Ticket', 'urgency', 'due_on', 'id'),
        index('Ticket', 'updated_at', 'id'),
    ]
