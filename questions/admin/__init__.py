"""Curating the item bank. A published version is never edited: saving a change of it makes the next version."""

from questions.admin import bank, flags, versions

__all__ = ["bank", "flags", "versions"]
