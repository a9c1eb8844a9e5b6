from tortoise import migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations import operations as ops

# SQLite changes no foreign key that exists. Its manual's way for changes that leave the rows as they are:
# https://www.sqlite.org/lang_altertable.html, at its end.
SQLITE = (
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_master SET sql = replace(sql, 'ON DELETE CASCADE', 'ON DELETE RESTRICT') WHERE type = 'table'",
    "PRAGMA writable_schema = RESET",
)
POSTGRES = """
DO $$
DECLARE key record;
BEGIN
    FOR key IN
        SELECT conrelid::regclass AS table_name, conname AS name, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint
        WHERE contype = 'f' AND confdeltype = 'c' AND connamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', key.table_name, key.name);
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', key.table_name, key.name,
            replace(key.definition, 'ON DELETE CASCADE', 'ON DELETE RESTRICT'));
    END LOOP;
END $$
"""


class RestrictForeignKeys(ops.TortoiseOperation):
    """Let no row be deleted that others refer to. Tortoise's own AlterField leaves the database's constraint alone."""

    def state_forward(self, app_label, state):
        for model in state.models.values():
            for field in model.fields.values():
                if isinstance(field, ForeignKeyFieldInstance):
                    field.on_delete = OnDelete.RESTRICT
        state.reload_models(set(state.models))

    async def database_forward(self, app_label, old_state, new_state, state_editor=None):
        if state_editor is None:
            return
        if state_editor.DIALECT != "sqlite":
            await state_editor.client.execute_script(POSTGRES)
            return
        for statement in SQLITE:
            await state_editor.client.execute_query(statement)
        await _note_changed_schema(state_editor.client)


async def _note_changed_schema(client):
    """Let every connection read the schema again."""
    (row,) = await client.execute_query_dict("PRAGMA schema_version")
    await client.execute_query(f"PRAGMA schema_version = {row['schema_version'] + 1}")


class Migration(migrations.Migration):
    dependencies = [('models', '0017_slot_promise')]

    initial = False

    operations = [RestrictForeignKeys()]
