from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('models', '0029_indexes_for_work')]

    initial = False

    operations = [
        ops.AddIndex(model_name='Action', index=Index(fields=['attention_count', 'created_at', 'id'])),
        ops.AddIndex(model_name='Task', index=Index(fields=['assignee_id', 'yellow_on', 'id'])),
    ]
