from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

MILESTONES = (
    ('status', 'due_on', 'id'),
    ('blocked', 'due_on', 'id'),
    ('yellow_on', 'due_on', 'id'),
    ('red_on', 'id'),
    ('due_on', 'id'),
    ('updated_at', 'id'),
    ('sort_title', 'id'),
)
TASKS = (
    ('assignee_id', 'ready', 'due_on', 'urgency', 'id'),
    ('ready', 'due_on', 'urgency', 'id'),
    ('status', 'due_on', 'id'),
    ('blocked', 'due_on', 'id'),
    ('yellow_on', 'due_on', 'id'),
    ('red_on', 'id'),
    ('due_on', 'urgency', 'id'),
    ('urgency', 'due_on', 'id'),
    ('updated_at', 'id'),
    ('sort_title', 'id'),
)


class Migration(migrations.Migration):
    dependencies = [('models', '0028_stored_facts')]

    initial = False

    operations = [
        ops.RemoveIndex(model_name='Task', name=None, fields=['assignee_id', 'status', 'due_on']),
        *(ops.AddIndex(model_name='Milestone', index=Index(fields=list(columns))) for columns in MILESTONES),
        *(ops.AddIndex(model_name='Task', index=Index(fields=list(columns))) for columns in TASKS),
    ]
