from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0023_intake_evidence')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TenantBinding',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('address', fields.CharField(max_length=300)),
                ('tenant', fields.CharField(max_length=64)),
                ('bound_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'tenant_binding', 'app': 'models', 'pk_attr': 'name'},
            bases=['Model'],
        ),
    ]
