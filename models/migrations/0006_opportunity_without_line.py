from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0005_tenant_profile')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Opportunity',
            name='position',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Opportunity',
            name='service',
            field=fields.ForeignKeyField('models.Service', source_field='service_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE),
        ),
        ops.AddIndex(
            model_name='Opportunity',
            index=Index(fields=['service_id']),
        ),
    ]
