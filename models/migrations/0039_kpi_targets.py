from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('models', '0038_finish_history')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KpiTarget',
            fields=[
                ('version', fields.IntField(default=1)),
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=30)),
                ('key', fields.CharField(max_length=32)),
                ('subject', fields.CharField(max_length=16)),
                ('since', fields.DateField()),
                ('value', fields.DecimalField(null=True, max_digits=14, decimal_places=4)),
                (
                    'set_by',
                    fields.ForeignKeyField(
                        'models.Operator',
                        source_field='set_by_id',
                        db_constraint=True,
                        to_field='id',
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ('set_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                'table': 'kpi_target',
                'app': 'models',
                'unique_together': (('key', 'subject', 'since'),),
                'pk_attr': 'id',
            },
            bases=['VersionedRow'],
        ),
    ]
