from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

COLUMNS = ['workflow_role', 'ready', 'due_on', 'urgency', 'id']


class Migration(migrations.Migration):
    dependencies = [('models', '0031_company_defects')]

    initial = False

    operations = [ops.AddIndex(model_name='Task', index=Index(fields=COLUMNS))]
