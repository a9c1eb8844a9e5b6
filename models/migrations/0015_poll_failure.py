from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0014_shadow_missing')]

    initial = False

    operations = [
        ops.AddField(
            model_name='PollMark',
            name='failed_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='PollMark',
            name='failure',
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name='PollMark',
            name='failure_words',
            field=fields.TextField(null=True, unique=False),
        ),
    ]
