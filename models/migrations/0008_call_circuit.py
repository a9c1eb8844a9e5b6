from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0007_item_expected')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CallCircuit',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('failure_count', fields.IntField(default=0)),
                ('opened_at', fields.FloatField(null=True)),
                ('next_try_at', fields.FloatField(null=True)),
            ],
            options={'table': 'call_circuit', 'app': 'models', 'pk_attr': 'name'},
            bases=['Model'],
        ),
    ]
