from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0003_crm_login')]

    initial = False

    operations = [
        ops.CreateModel(
            name='UnmatchedOpportunity',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=30)),
                ('crm_id', fields.BigIntField(unique=True)),
                ('company', fields.ForeignKeyField('models.Company', source_field='company_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('code', fields.CharField(max_length=100)),
                ('title', fields.CharField(max_length=500)),
                ('amount', fields.DecimalField(null=True, max_digits=14, decimal_places=2)),
                ('phase', fields.CharField(null=True, max_length=100)),
                ('status', fields.CharField(max_length=16)),
                ('reason', fields.CharField(max_length=32)),
                ('candidate_line_ids', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'unmatched_opportunity', 'app': 'models', 'indexes': [Index(fields=['company_id']), Index(fields=['created_at', 'id'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
