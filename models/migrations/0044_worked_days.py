from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The program fills the columns at its next start, because the rules of the stored facts have changed."""

    dependencies = [('models', '0043_at_risk')]

    initial = False

    operations = [
        ops.AddField(model_name='Ticket', name='lead_day_count', field=fields.IntField(null=True)),
        ops.AddField(model_name='Ticket', name='worked_day_count', field=fields.IntField(null=True)),
    ]
