from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0016_call_cost')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CallSlot',
            name='promised_to',
            field=fields.CharField(default='', db_default='', max_length=80),
        ),
    ]
