from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


def reference(model, column, null=False):
    return fields.ForeignKeyField(
        f'models.{model}',
        source_field=column,
        db_constraint=True,
        to_field='id',
        related_name=False,
        null=null,
        on_delete=OnDelete.RESTRICT,
    )


def instant(null=False):
    return fields.DatetimeField(auto_now=False, auto_now_add=False, null=null)


def options(table, order):
    indexes = [Index(fields=['tree_id']), Index(fields=['ticket_id']), Index(fields=['subject_id', order, 'id'])]
    return {'table': table, 'app': 'models', 'indexes': indexes, 'pk_attr': 'id'}


class Migration(migrations.Migration):
    dependencies = [('models', '0035_answered_request')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Comment',
            fields=[
                ('version', fields.IntField(default=1)),
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=30)),
                ('tree_id', fields.CharField(max_length=30)),
                ('subject_id', fields.CharField(max_length=30)),
                ('ticket', reference('Ticket', 'ticket_id')),
                ('author', reference('Operator', 'author_id')),
                ('body', fields.TextField(unique=False)),
                ('mention_ids', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('reply_to', reference('Comment', 'reply_to_id', null=True)),
                ('created_at', instant()),
                ('edited_at', instant(null=True)),
                ('deleted_at', instant(null=True)),
            ],
            options=options('comment', 'created_at'),
            bases=['VersionedRow'],
        ),
        ops.CreateModel(
            name='Link',
            fields=[
                ('version', fields.IntField(default=1)),
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=30)),
                ('tree_id', fields.CharField(max_length=30)),
                ('subject_id', fields.CharField(max_length=30)),
                ('ticket', reference('Ticket', 'ticket_id')),
                ('purpose', fields.CharField(max_length=32)),
                ('title', fields.CharField(max_length=200)),
                ('url', fields.TextField(unique=False)),
                ('added_by', reference('Operator', 'added_by_id')),
                ('added_at', instant()),
            ],
            options=options('link', 'added_at'),
            bases=['VersionedRow'],
        ),
    ]
