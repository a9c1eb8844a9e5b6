"""No row goes away while another one refers to it."""

import sqlite3
from contextlib import closing

import asyncpg
from tortoise.fields import OnDelete
from tortoise.fields.relational import ForeignKeyFieldInstance

import models


async def keys_of(url: str) -> list[str]:
    """What each foreign key does at the deletion of the row that it refers to."""
    if url.startswith("sqlite://"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return [
                key[6]
                for (name,) in names
                for key in connection.execute(f'PRAGMA foreign_key_list("{name}")')
            ]
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE contype = 'f'"
        )
        return ["RESTRICT" if "ON DELETE RESTRICT" in row["text"] else row["text"] for row in rows]
    finally:
        await connection.close()


def test_every_reference_between_models_restricts():
    references = [
        field
        for model in vars(models).values()
        if hasattr(model, "_meta")
        for field in model._meta.fields_map.values()
        if isinstance(field, ForeignKeyFieldInstance)
    ]

    assert len(references) > 30
    assert {field.on_delete for field in references} == {OnDelete.RESTRICT}


async def test_every_foreign_key_of_the_database_restricts(database_url):
    keys = await keys_of(database_url)

    assert len(keys) > 30
    assert set(keys) == {"RESTRICT"}
