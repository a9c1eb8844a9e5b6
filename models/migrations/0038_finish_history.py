import json
from datetime import datetime

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

FINISHED = {'Task': 'DONE', 'Milestone': 'COMPLETED', 'Ticket': 'CLOSED'}
FIRST = {'Task': 'first_finished_at', 'Milestone': 'first_completed_at', 'Ticket': 'first_closed_at'}
INDEXED = {
    'Ticket': ('first_closed_at', 'cancelled_at', 'original_due_on'),
    'Milestone': ('completed_at', 'first_completed_at', 'cancelled_at', 'original_due_on'),
    'Task': ('finished_at', 'first_finished_at', 'original_due_on'),
}
WORDS = """SELECT "entity", "entity_id", "stored_after" FROM "event"
    WHERE "stream_id" = {} AND "entity" IN ('Task', 'Milestone', 'Ticket') ORDER BY "seq" """
STORE = """UPDATE "{}" SET "{}" = {}, "reopened_count" = {}, "finished_owner_id" = {} WHERE "id" = {}"""


def add(model_name, **columns):
    return [ops.AddField(model_name=model_name, name=name, field=field) for name, field in columns.items()]


def kept():
    return {
        'reopened_count': fields.IntField(default=0, db_default=0),
        'finished_owner_id': fields.CharField(max_length=30, null=True),
    }


async def fold_events(_apps, state_editor):
    """Find in the log when work was first finished, how often it was reopened, and whose it was in the end."""
    client = state_editor.client
    sqlite = state_editor.DIALECT == 'sqlite'
    places = ['?'] * 4 if sqlite else ['$1', '$2', '$3', '$4']
    for stream in await client.execute_query_dict('SELECT DISTINCT "tree_id" AS "id" FROM "ticket"'):
        finishes = folded(await client.execute_query_dict(WORDS.format(places[0]), [stream['id']]))
        for (entity, row_id), (first, count, owner) in finishes.items():
            instant = first if not sqlite else first.isoformat(' ')
            words = STORE.format(entity.lower(), FIRST[entity], *places)
            await client.execute_query(words, [instant, count, owner, row_id])


def folded(events):
    """Return for every row that was ever finished: its first finish, its reopenings, and its owner at the last finish."""
    owners, tickets, statuses, finishes = {}, {}, {}, {}
    for event in events:
        entity, row_id, after = event['entity'], event['entity_id'], event['stored_after']
        after = json.loads(after) if isinstance(after, str) else after or {}
        owners[row_id] = after.get('owner_id') or after.get('assignee_id') or owners.get(row_id)
        tickets[row_id] = after.get('ticket_id') or tickets.get(row_id)
        if 'status' not in after:
            continue
        before, statuses[row_id] = statuses.get(row_id), after['status']
        first, count, owner = finishes.get((entity, row_id), (None, 0, None))
        if after['status'] == FINISHED[entity]:
            at = next(after[name] for name in ('finished_at', 'completed_at', 'closed_at') if name in after)
            owner = owners[tickets[row_id]] if entity == 'Milestone' else owners[row_id]
            finishes[entity, row_id] = (first or datetime.fromisoformat(at), count, owner)
        elif before == FINISHED[entity]:
            finishes[entity, row_id] = (first, count + 1, owner)
    return finishes


class Migration(migrations.Migration):
    dependencies = [('models', '0037_weekly_hours')]

    initial = False

    operations = [
        *add('Ticket', **kept()),
        *add('Milestone', first_completed_at=fields.DatetimeField(null=True), **kept()),
        *add('Task', first_finished_at=fields.DatetimeField(null=True), **kept()),
        ops.RunPython(fold_events),
        *(
            ops.AddIndex(model_name=model_name, index=Index(fields=[column]))
            for model_name, columns in INDEXED.items()
            for column in columns
        ),
    ]
