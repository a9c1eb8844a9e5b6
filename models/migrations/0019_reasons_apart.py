from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0018_foreign_keys_restrict')]

    initial = False

    operations = [
        ops.RenameField(model_name='Task', old_name='role', new_name='workflow_role'),
        ops.RenameField(model_name='TaskTemplate', old_name='role', new_name='workflow_role'),
        ops.RenameField(model_name='Ticket', old_name='reason', new_name='cancelled_reason'),
        ops.RenameField(model_name='Milestone', old_name='reason', new_name='cancelled_reason'),
        ops.RenameField(model_name='Task', old_name='reason', new_name='skipped_reason'),
        ops.AddField(
            model_name='Task',
            name='waived_reason',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='Task',
            name='reopened_reason',
            field=fields.TextField(null=True, unique=False),
        ),
        # One column held all three; the status and the log say which one a row has.
        ops.RunSQL(
            [
                "UPDATE task SET waived_reason = skipped_reason, skipped_reason = NULL WHERE status <> 'SKIPPED' "
                "AND EXISTS (SELECT 1 FROM event WHERE event.entity_id = task.id AND event.kind = 'TASK_WAIVED')",
                "UPDATE task SET reopened_reason = skipped_reason, skipped_reason = NULL WHERE status <> 'SKIPPED'",
            ]
        ),
    ]
