from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0010_opportunity_flags')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CrmActivity',
            name='relink_to',
            field=fields.BigIntField(null=True),
        ),
    ]
