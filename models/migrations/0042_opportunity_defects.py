from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


def defects(model_name):
    field = fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)
    return ops.AddField(model_name=model_name, name='defects', field=field)


class Migration(migrations.Migration):
    dependencies = [('models', '0041_reasons_of_dates_and_words_of_notes')]

    initial = False

    operations = [defects('Opportunity'), defects('UnmatchedOpportunity')]
