from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0002_poll_mark')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CrmLogin',
            fields=[
                ('account', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('token', fields.TextField(null=True, unique=False)),
                ('renew_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('claim_id', fields.CharField(null=True, max_length=36)),
                ('claimed_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'crm_login', 'app': 'models', 'pk_attr': 'account'},
            bases=['Model'],
        ),
    ]
