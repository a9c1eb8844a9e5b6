from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

# PostgreSQL walks an index in the order that it was made in, and puts nulls first where it walks backward.
NEWEST_FIRST_NULLS_LAST = {"ticket": "closed_at", "action": "finished_at"}


class IndexNullsLast(ops.TortoiseOperation):
    """Indexes of descending orders that end with what has no value. Tortoise's own say no order; SQLite needs none."""

    def state_forward(self, app_label, state):
        pass

    async def database_forward(self, app_label, old_state, new_state, state_editor=None):
        if state_editor is None or state_editor.DIALECT == "sqlite":
            return
        for table, column in NEWEST_FIRST_NULLS_LAST.items():
            await state_editor.client.execute_script(
                f'CREATE INDEX "idx_{table}_{column}_last" ON "{table}" ("{column}" DESC NULLS LAST, "id" DESC)'
            )


class Migration(migrations.Migration):
    dependencies = [('models', '0021_sale_follow_up')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='Action',
            index=Index(fields=['kind', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Action',
            index=Index(fields=['status', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Action',
            index=Index(fields=['finished_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Company',
            index=Index(fields=['vat_number']),
        ),
        ops.AddIndex(
            model_name='Event',
            index=Index(fields=['kind', 'id']),
        ),
        ops.AddIndex(
            model_name='Event',
            index=Index(fields=['entity', 'id']),
        ),
        ops.AddIndex(
            model_name='Event',
            index=Index(fields=['actor', 'id']),
        ),
        ops.AddIndex(
            model_name='Event',
            index=Index(fields=['change_id']),
        ),
        ops.AddIndex(
            model_name='Event',
            index=Index(fields=['occurred_at']),
        ),
        ops.AddIndex(
            model_name='IntakeItem',
            index=Index(fields=['reason', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='IntakeItem',
            index=Index(fields=['created_at', 'id']),
        ),
        ops.RemoveIndex(
            model_name='Opportunity',
            name=None,
            fields=['company_id'],
        ),
        ops.RemoveIndex(
            model_name='Opportunity',
            name=None,
            fields=['code'],
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['company_id', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['code', 'id']),
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['status', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['title', 'id']),
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['kept_at']),
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['missing_since']),
        ),
        ops.RemoveIndex(
            model_name='Ticket',
            name=None,
            fields=['company_id'],
        ),
        ops.RemoveIndex(
            model_name='Ticket',
            name=None,
            fields=['owner_id'],
        ),
        ops.RemoveIndex(
            model_name='Ticket',
            name=None,
            fields=['kit_id'],
        ),
        ops.RemoveIndex(
            model_name='Ticket',
            name=None,
            fields=['service_id'],
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['company_id', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['owner_id', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['kit_id', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['service_id', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['status', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['priority', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['starts_on']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['due_on', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['closed_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Token',
            index=Index(fields=['created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='UnmatchedOpportunity',
            index=Index(fields=['reason', 'created_at', 'id']),
        ),
        ops.AddIndex(
            model_name='UnmatchedOpportunity',
            index=Index(fields=['status', 'created_at', 'id']),
        ),
        IndexNullsLast(),
    ]
