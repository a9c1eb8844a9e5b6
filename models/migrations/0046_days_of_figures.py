from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0045_indexes_for_finishes')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KpiDay',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('source_id', fields.CharField(max_length=30)),
                ('entity', fields.CharField(max_length=16)),
                ('row_id', fields.CharField(max_length=30)),
                ('since_on', fields.DateField()),
                ('until_on', fields.DateField()),
                ('status', fields.CharField(null=True, max_length=24)),
                ('reason', fields.CharField(null=True, max_length=32)),
                ('company_id', fields.CharField(null=True, max_length=30)),
                ('operator_id', fields.CharField(null=True, max_length=30)),
                ('child_id', fields.CharField(null=True, max_length=30)),
                ('priority', fields.CharField(null=True, max_length=16)),
                ('due_on', fields.DateField(null=True)),
                ('yellow_on', fields.DateField(null=True)),
                ('red_on', fields.DateField(null=True)),
                ('at_risk_on', fields.DateField(null=True)),
                ('changed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('task_count', fields.IntField(null=True)),
                ('finished_task_count', fields.IntField(null=True)),
                ('hours', fields.DecimalField(null=True, max_digits=6, decimal_places=2)),
            ],
            options={'table': 'kpi_day', 'app': 'models', 'unique_together': (('row_id', 'since_on'),), 'indexes': [Index(fields=['source_id']), Index(fields=['entity', 'until_on', 'since_on'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='KpiMark',
            fields=[
                ('id', fields.IntField(primary_key=True, unique=True, db_index=True)),
                ('begins_on', fields.DateField()),
                ('end_on', fields.DateField()),
                ('basis', fields.CharField(max_length=100)),
                ('holder', fields.CharField(null=True, max_length=36)),
                ('leased_until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'kpi_mark', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
