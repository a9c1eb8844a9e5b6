from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('models', '0049_lines_that_await_a_child')]

    initial = False

    operations = [
        ops.AddField(model_name='KpiDay', name='kind', field=fields.CharField(null=True, max_length=16)),
        ops.RunSQL(
            'UPDATE kpi_day SET kind = (SELECT ticket.kind FROM ticket WHERE ticket.id = kpi_day.row_id)'
            " WHERE entity = 'Ticket'"
        ),
    ]
