"""The question formats: one module each, with one template for the answer and one for the result.

A module here that holds `FORMAT` is a format. Nothing else lists them: not the models, not the views,
not the catalog's reader.
"""

import importlib
import pkgutil
from functools import cache

from questions.formats.base import Format, Scored

__all__ = ["Format", "Scored", "all", "get"]


@cache
def _by_name() -> dict[str, Format]:
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {format.name: format for format in found}


def get(name: str) -> Format:
    """Raises KeyError for a name that no module has."""
    return _by_name()[name]


def all() -> list[Format]:
    return list(_by_name().values())
