from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.indexes import IndexOfTrue


class Migration(migrations.Migration):
    dependencies = [('models', '0048_revision_of_kept_days')]

    initial = False

    operations = [
        ops.AddField(
            model_name='TicketLine', name='awaits_child', field=fields.BooleanField(default=True, db_default=True)
        ),
        ops.RunSQL(
            'UPDATE ticket_line SET awaits_child = FALSE WHERE id IN'
            ' (SELECT ticket_line_id FROM opportunity WHERE child_ticket_id IS NOT NULL)'
        ),
        ops.AddIndex(
            model_name='TicketLine',
            index=IndexOfTrue(only='awaits_child', fields=('id',), name='idx_ticket_line_awaits_child'),
        ),
        ops.AddIndex(model_name='CrmActivity', index=Index(fields=['role', 'occurred_at'])),
    ]
