from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('models', '0022_indexes_for_lists')]

    initial = False

    operations = [
        ops.AddField(
            model_name='IntakeItem',
            name='shown_subject',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='IntakeItem',
            name='shown_description',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='IntakeItem',
            name='evidence',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
