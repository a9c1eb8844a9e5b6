from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('models', '0036_comments_and_links')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Operator',
            name='weekly_hours',
            field=fields.DecimalField(null=True, max_digits=5, decimal_places=2),
        ),
    ]
