from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0009_attempt_result')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Opportunity',
            name='carried_code',
            field=fields.CharField(default='', db_default='', max_length=40),
        ),
        ops.AddField(
            model_name='Opportunity',
            name='flag',
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name='Opportunity',
            name='flag_crm_company_id',
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name='Opportunity',
            name='flag_crm_id',
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name='Opportunity',
            name='flagged_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Opportunity',
            name='kept_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Opportunity',
            name='kept_reason',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['flag']),
        ),
    ]
