from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0015_poll_failure')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CallCost',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('calls', fields.FloatField()),
            ],
            options={'table': 'call_cost', 'app': 'models', 'pk_attr': 'name'},
            bases=['Model'],
        ),
    ]
