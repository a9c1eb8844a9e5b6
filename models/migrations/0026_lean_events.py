from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('models', '0025_sort_keys')]

    initial = False

    operations = [
        # What stands there stays as it is: complete, with the id among the columns.
        ops.RenameField(model_name='Event', old_name='after', new_name='stored_after'),
    ]
