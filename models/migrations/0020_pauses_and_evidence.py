from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0019_reasons_apart')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ActionItem',
            name='unanswered_count',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='ActionItem',
            name='postponed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='CallCircuit',
            name='succeeded_at',
            field=fields.FloatField(null=True),
        ),
        ops.AddField(
            model_name='CrmActivity',
            name='unseen_since',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
