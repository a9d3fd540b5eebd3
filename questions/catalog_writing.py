"""Catalog entries as the text of a file, as a person would write it."""

import yaml


class _Exact(str):
    """A text of a case of code: nothing is stripped from it, so nothing may be added to it."""


def _exact(value):
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return _Exact(value) if isinstance(value, str) else value


class _Written(yaml.SafeDumper):
    """Long texts as blocks, as a person would write them."""

    def ignore_aliases(self, data):
        return True

    def represent_text(self, text: str):
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)

    def represent_exact(self, text: str):
        return self.represent_scalar("tag:yaml.org,2002:str", str(text), style="|" if "\n" in text else None)


_Written.add_representer(str, _Written.represent_text)
_Written.add_representer(_Exact, _Written.represent_exact)


def written(entries: list[dict]) -> str:
    """The text of a catalog file. Reading and loading it makes no new versions."""
    dump = {"Dumper": _Written, "sort_keys": False, "allow_unicode": True, "width": 110}
    kept = [entry | ({"cases": _exact(entry["cases"])} if "cases" in entry else {}) for entry in entries]
    return "\n".join(yaml.dump([entry], **dump) for entry in kept) or "[]\n"
