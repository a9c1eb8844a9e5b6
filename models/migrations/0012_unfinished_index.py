from tortoise import migrations
from tortoise.migrations import operations as ops
from models.actions import UnfinishedIndex

class Migration(migrations.Migration):
    dependencies = [('models', '0011_shadow_relink')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='ActionItem',
            name=None,
            fields=['next_try_at'],
        ),
        ops.AddIndex(
            model_name='ActionItem',
            index=UnfinishedIndex(fields=['lane', 'position', 'next_try_at']),
        ),
    ]
