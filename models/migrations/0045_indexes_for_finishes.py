from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

COLUMNS = {'Milestone': 'completed_at', 'Task': 'finished_at'}


def by_status(model_name, column):
    return ops.AddIndex(model_name=model_name, index=Index(fields=['status', column]))


class Migration(migrations.Migration):
    """Figures ask for what has a status since an instant. By one alone SQLite reads all that was ever finished."""

    dependencies = [('models', '0044_worked_days')]

    initial = False

    # Lists of tickets follow the index of `closed_at` alone.
    operations = [
        *(ops.RemoveIndex(model_name=name, name=None, fields=[column]) for name, column in COLUMNS.items()),
        *(by_status(name, column) for name, column in {**COLUMNS, 'Ticket': 'closed_at'}.items()),
    ]
