from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0008_call_circuit')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='ActionAttempt',
            index=Index(fields=['result', 'id']),
        ),
    ]
