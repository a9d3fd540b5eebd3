"""Queries composed once in a process: building their SQL takes longer than PostgreSQL takes to answer them.

@composed
def notices_of(person):
    return Notice.objects.unread().filter(recipient=person)

notices_of(user.pk)  # a list; the queryset is built and composed at the first call alone
"""

from collections.abc import Callable
from copy import copy
from functools import cache, wraps
from inspect import signature

from django.db import connections
from django.db.models import BigIntegerField, Expression, Func, QuerySet


class AnyOf(Func):
    """`filter(pk__in=AnyOf(keys))`: any number of keys in the place of one argument."""

    template = "(SELECT unnest(%(expressions)s::bigint[]))"
    output_field = BigIntegerField()


class Given(Expression):
    """The place in a composed query of an argument that is given with each call."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]


def composed(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """`build` gets a place for each argument instead of its value, and may do with it what it may with an F()."""
    names = list(signature(build).parameters)

    @cache
    def once() -> tuple:
        queryset = build(*map(Given, names))
        compiler = queryset.query.get_compiler(queryset.db)
        return queryset, compiler, *compiler.as_sql()

    @wraps(build)
    def rows(*values) -> list:
        queryset, compiler, sql, places = once()
        given = dict(zip(names, values, strict=True))
        filled = tuple(given[one.name] if isinstance(one, Given) else one for one in places)
        own = copy(compiler)  # what it knows of the columns is the same for all; the connection is a thread's
        own.connection = connections[queryset.db]
        own.as_sql = lambda: (sql, filled)
        found = queryset.all()
        found.query.get_compiler = lambda *args, **kwargs: own
        return list(found)  # no queryset leaves: a filter that is added to it would go unheard

    return rows
