from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The program fills the columns at its next start, because the rules of the stored facts have changed."""

    dependencies = [('models', '0042_opportunity_defects')]

    initial = False

    operations = [
        ops.AddField(model_name='Milestone', name='at_risk_on', field=fields.DateField(null=True)),
        ops.AddField(model_name='Ticket', name='at_risk_on', field=fields.DateField(null=True)),
    ]
