"""The images of questions on their way out."""

from pathlib import Path

from questions import catalog_files, figure_files
from questions.models import Figure, QuestionVersion


def contents(version: QuestionVersion) -> dict[str, bytes]:
    """The images that it shows, by their names."""
    digests = {row.name: row.figure_id for row in version.figures_used()}
    found = Figure.objects.in_bulk(digests.values()) if digests else {}
    return {name: bytes(found[digest].content) for name, digest in digests.items()}


class Folder:
    """The images of a catalog that is being written. In its folder no two have one name: the second takes its
    question's slug in front, and its text says so.
    """

    def __init__(self, folder: Path):
        self.folder = folder / figure_files.FOLDER
        self.written: dict[str, bytes] = {}

    def entry_of(self, version: QuestionVersion) -> dict:
        """The version as an entry, after its images were written."""
        entry = catalog_files.entry_of(version)
        for name, content in contents(version).items():
            own = name if self.written.get(name, content) == content else f"{entry['slug']}-{name}"
            for field in figure_files.SHOWN_IN if own != name else ():
                entry[field] = entry[field].replace(f"(figure:{name}", f"(figure:{own}")
            self.written[own] = content
            self.folder.mkdir(exist_ok=True)
            (self.folder / own).write_bytes(content)
        return entry
