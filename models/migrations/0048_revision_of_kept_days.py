from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0047_indexes_of_states')]

    initial = False

    operations = [
        ops.AddField(
            model_name='KpiMark',
            name='revision',
            field=fields.CharField(default='', db_default='', max_length=36),
        ),
    ]
