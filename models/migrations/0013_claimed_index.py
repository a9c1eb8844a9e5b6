from tortoise import migrations
from tortoise.migrations import operations as ops
from models.actions import ClaimedIndex

class Migration(migrations.Migration):
    dependencies = [('models', '0012_unfinished_index')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='ActionItem',
            index=ClaimedIndex(fields=['kind', 'key'], name='idx_action_item_claimed'),
        ),
    ]
