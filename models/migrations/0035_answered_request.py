from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('models', '0034_serial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AnsweredRequest',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('contents', fields.CharField(max_length=64)),
                ('answer_id', fields.CharField(max_length=30)),
            ],
            options={'table': 'answered_request', 'app': 'models', 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
