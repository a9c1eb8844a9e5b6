from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0004_unmatched_opportunity')]

    initial = False

    operations = [
        ops.CreateModel(
            name='StoredProfile',
            fields=[
                ('account', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('probed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('profile', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'tenant_profile', 'app': 'models', 'pk_attr': 'account'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='PollMark',
            name='highest_id',
            field=fields.BigIntField(db_default=0),
        ),
    ]
