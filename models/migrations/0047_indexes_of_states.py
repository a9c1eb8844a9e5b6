from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.indexes import IndexOfTrue

REPLACED = {
    'Ticket': [('status', 'closed_at')],
    'Task': [('status', 'due_on', 'id'), ('blocked', 'due_on', 'id')],
    'Action': [('operator_id',)],
}
ADDED = {
    'Ticket': [
        ('owner_id', 'due_on', 'id'),
        ('owner_id', 'code'),
        ('kit_id', 'due_on', 'id'),
        ('kit_id', 'code'),
        ('status', 'closed_at', 'id'),
        ('status', 'urgency', 'due_on', 'id'),
        ('status', 'updated_at', 'id'),
        ('status', 'sort_title', 'id'),
        ('status', 'code'),
    ],
    'Task': [
        ('status', 'due_on', 'urgency', 'id'),
        ('status', 'urgency', 'due_on', 'id'),
        ('status', 'updated_at', 'id'),
        ('status', 'sort_title', 'id'),
        ('blocked', 'due_on', 'urgency', 'id'),
    ],
    'Milestone': [('status', 'updated_at', 'id'), ('status', 'sort_title', 'id')],
    'Opportunity': [('status', 'code', 'id'), ('status', 'sort_title', 'id')],
    'Action': [('operator_id', 'created_at', 'id'), ('status', 'finished_at', 'id')],
}
OF_TRUE = [
    ('Milestone', 'blocked', ('updated_at', 'id'), 'idx_milestone_blocked_updated'),
    ('Milestone', 'blocked', ('sort_title', 'id'), 'idx_milestone_blocked_title'),
    *(
        ('Task', only, (*columns, 'id'), f'idx_task_{only}_{columns[0]}')
        for only in ('ready', 'blocked')
        for columns in (('urgency', 'due_on'), ('updated_at',), ('sort_title',))
    ),
]

# Tortoise's own say no order, and PostgreSQL puts nulls first where it walks backward; SQLite does not.
NEWEST_FIRST_NULLS_LAST = {'ticket': 'closed_at', 'action': 'finished_at'}


class OfStatesNullsLast(ops.TortoiseOperation):
    def state_forward(self, app_label, state):
        pass

    async def database_forward(self, app_label, old_state, new_state, state_editor=None):
        if state_editor is None or state_editor.DIALECT == 'sqlite':
            return
        for table, column in NEWEST_FIRST_NULLS_LAST.items():
            await state_editor.client.execute_script(
                f'CREATE INDEX "idx_{table}_status_{column}_last" ON "{table}"'
                f' ("status", "{column}" DESC NULLS LAST, "id" DESC)'
            )


class Migration(migrations.Migration):
    """What is open is little, and most that there is was finished long ago: walking an order to find it reads all."""

    dependencies = [('models', '0046_days_of_figures')]

    initial = False

    operations = [
        *(
            ops.RemoveIndex(model_name=name, name=None, fields=list(fields))
            for name, indexes in REPLACED.items()
            for fields in indexes
        ),
        *(
            ops.AddIndex(model_name=name, index=Index(fields=list(fields)))
            for name, indexes in ADDED.items()
            for fields in indexes
        ),
        *(
            ops.AddIndex(model_name=model, index=IndexOfTrue(only=only, fields=list(fields), name=name))
            for model, only, fields, name in OF_TRUE
        ),
        OfStatesNullsLast(),
    ]
