from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0020_pauses_and_evidence')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CrmActivity',
            name='compared_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='CrmActivity',
            name='crm_company_id',
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name='CrmActivity',
            name='kit_named',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddIndex(
            model_name='CrmActivity',
            index=Index(fields=['role', 'compared_at']),
        ),
        ops.AddField(
            model_name='IntakeItem',
            name='attempt_count',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='IntakeItem',
            name='next_try_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='PollMark',
            name='odd_records',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
