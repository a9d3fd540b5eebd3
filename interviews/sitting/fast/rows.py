"""Rows read and written by statements of our own, where everybody waits for them: in a save and a hand-in.

Django composes each statement anew and waits for each by itself, which took longer than all that PostgreSQL did. Here
a statement is composed once in a process, and what a transaction writes is sent together.
"""

from collections.abc import Sequence
from functools import lru_cache

from django.db import connection, models
from django.db.models.base import ModelState


@lru_cache
def columns(model: type[models.Model]) -> str:
    """All of them, in the order that `from_row` expects."""
    return ", ".join(field.column for field in model._meta.concrete_fields)


@lru_cache
def _converters(model: type[models.Model]) -> list[tuple[str, models.Field]]:
    return [(field.attname, field) for field in model._meta.concrete_fields if hasattr(field, "from_db_value")]


@lru_cache
def _attribute_names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def from_row(model: type[models.Model], row: Sequence) -> models.Model:
    """`row` holds the values of `columns(model)`, as psycopg gives them.

    Like `Model.from_db`, without its signals, for which nobody waits: an eighth of the time, nine times a request.
    """
    instance = model.__new__(model)
    instance.__dict__.update(zip(_attribute_names(model), row, strict=True))
    for name, field in _converters(model):
        instance.__dict__[name] = field.from_db_value(instance.__dict__[name], None, connection)
    instance._state = ModelState()
    instance._state.adding, instance._state.db = False, connection.alias
    return instance


@lru_cache
def lock_and_sheet(interview: type[models.Model], question: type[models.Model], *, skip_locked: bool) -> str:
    """Two statements in one: what every request of a running interview begins with.

    The second begins when the first has its lock, so it sees what the lock's last holder wrote; one statement with a
    join would see the questions as they were before it waited.
    """
    return f"""
        SELECT {columns(interview)} FROM interviews_interview
        WHERE public_id = %s AND candidate_id = coalesce(%s, candidate_id)
        FOR NO KEY UPDATE {"SKIP LOCKED" if skip_locked else ""};
        SELECT {columns(question)} FROM interviews_interviewquestion
        WHERE interview_id = (SELECT id FROM interviews_interview WHERE public_id = %s) ORDER BY position
    """  # noqa: S608 # nosec B608


@lru_cache
def _fields(model: type[models.Model], names: tuple[str, ...]) -> list[models.Field]:
    return [model._meta.get_field(name) for name in names]


@lru_cache
def _encoders(model: type[models.Model], names: tuple[str, ...]) -> list[tuple[str, models.Field | None]]:
    """Attributes, and the field where psycopg cannot write a value as it is."""
    return [(field.attname, field if isinstance(field, models.JSONField) else None) for field in _fields(model, names)]


@lru_cache
def _update(model: type[models.Model], names: tuple[str, ...]) -> str:
    values = ", ".join(f"{field.column} = %s" for field in _fields(model, names))
    return f"UPDATE {model._meta.db_table} SET {values} WHERE {model._meta.pk.column} = %s"  # noqa: S608 # nosec B608


@lru_cache
def _insert(model: type[models.Model], names: tuple[str, ...], count: int, is_harmless_twice: bool) -> str:
    fields = _fields(model, names)
    row = f"({', '.join(['%s'] * len(fields))})"
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(field.column for field in fields)}) "  # noqa: S608 # nosec B608
        f"VALUES {', '.join([row] * count)}{' ON CONFLICT DO NOTHING' if is_harmless_twice else ''}"
    )


def _values(row: models.Model, names: tuple[str, ...]) -> list:
    values = row.__dict__
    return [
        values[name] if field is None else field.get_db_prep_save(values[name], connection)
        for name, field in _encoders(type(row), names)
    ]


class Writes:
    """What is to be written: changed rows in the order of their first change, then new rows by their kind.

    A changed row is written as it stands when all is sent.
    """

    def __init__(self) -> None:
        self._changed: dict[int, tuple[models.Model, dict[str, None]]] = {}
        self._new: list[tuple[models.Model, bool]] = []

    def change(self, row: models.Model, names: Sequence[str]) -> None:
        _, changed = self._changed.setdefault(id(row), (row, {}))
        changed |= dict.fromkeys(names)

    def add(self, row: models.Model, *, is_harmless_twice: bool = False) -> None:
        """`is_harmless_twice`: where a unique constraint holds the same row already, nothing is added."""
        self._new.append((row, is_harmless_twice))

    def send(self) -> None:
        """Raises what any of the statements raises, IntegrityError for one; then the transaction is lost."""
        statements, values = [], []
        for row, changed in self._changed.values():
            names = tuple(changed)
            statements.append(_update(type(row), names))
            values += [*_values(row, names), row.pk]
        kinds: dict[tuple[type[models.Model], bool], list[models.Model]] = {}
        for row, is_harmless_twice in self._new:
            kinds.setdefault((type(row), is_harmless_twice), []).append(row)
        for (model, is_harmless_twice), rows in kinds.items():
            names = tuple(field.name for field in model._meta.concrete_fields if not field.primary_key)
            statements.append(_insert(model, names, len(rows), is_harmless_twice))
            values += [value for row in rows for value in _values(row, names)]
        self._changed, self._new = {}, []
        if statements:
            with connection.cursor() as cursor:
                cursor.execute(";\n".join(statements), values)
