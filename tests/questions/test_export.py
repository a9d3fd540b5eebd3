"""Moodle XML and CSV for other systems, and the way back."""

import csv
import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from questions import catalog_files, catalog_loading, formats
from questions.catalog_files import content_of
from questions.exchange import moodle_export, moodle_xml, table
from questions.exchange.reading import Defaults, read
from questions.models import QuestionVersion
from tests.factories import load_shipped_catalog
from tests.questions.factories import make_version


@pytest.mark.django_db
@pytest.mark.parametrize("name", [format.name for format in formats.all() if format.name not in ("sql", "code")])
def test_every_format_comes_back_whole_from_moodle_xml(name):
    version = make_version(format=name, topics=["evaluation", "coding"], prompt="<b> & ]]> $x$\n\n```\ncode\n```")
    file = moodle_export.written([QuestionVersion.objects.with_content().get(pk=version.pk)])
    reading = read("quiz.xml", file, Defaults("coding", "advanced", "product"))
    assert (reading.faults, reading.skipped, reading.notes) == ([], [], [])
    (question,) = reading.incoming
    assert question.entry["slug"] == version.question.slug
    assert content_of(question.entry) == version.content()


@pytest.mark.django_db(transaction=True)  # reading runs queries, and no transaction may idle so long
def test_shipped_catalog_comes_back_whole_from_moodle_xml_and_from_its_own_files(tmp_path):
    load_shipped_catalog()
    call_command("export_moodle", tmp_path / "all.xml")
    reading = read("all.xml", (tmp_path / "all.xml").read_bytes(), Defaults("coding", "advanced", "product"))
    assert [str(fault) for fault in reading.faults] == []
    published = QuestionVersion.objects.published().with_content()
    stored = {version.question.slug: version.content() for version in published}
    assert {question.entry["slug"]: content_of(question.entry) for question in reading.incoming} == stored

    for name in ("first", "second"):
        call_command("export_catalog", tmp_path / name)
        catalog = catalog_files.read(tmp_path / name)
        assert [str(fault) for fault in catalog.faults] == []
        assert catalog_loading.load(catalog, now=timezone.now()) == catalog_loading.Loaded()
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*.*")} for name in ("first", "second")
    )
    assert first == second
    assert {"topics.yaml", "tracks.yaml", "evaluation.yaml"} <= set(first)
    assert any(name.endswith(".png") for name in first)


@pytest.mark.django_db
def test_moodle_file_holds_the_newest_of_several_versions_once():
    make_version(slug="a", prompt="old")
    make_version(slug="a", number=2, prompt="new")
    file = moodle_export.written(QuestionVersion.objects.with_content()).decode()
    assert file.count("<idnumber>a</idnumber>") == 1
    assert "new" in file


@pytest.mark.django_db
def test_moodle_marks_are_those_of_our_own_score():
    make_version(format="multiple_choice")
    file = moodle_export.written(QuestionVersion.objects.with_content())
    (item,) = moodle_xml.read(file).items
    assert [answer.fraction for answer in item.answers] == [50, -50, 50, -50]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠", "  ="])
def test_formula_in_a_cell_is_only_text(start):
    assert table.escaped(f"{start}cmd") == f"'{start}cmd"
    assert table.escaped(f"a{start}") == f"a{start}"


@pytest.mark.django_db
def test_csv_escapes_texts_and_leaves_numbers(tmp_path):
    make_version(title='=HYPERLINK("x")', prompt="- not a list", limit_seconds=90)
    call_command("export_csv", tmp_path / "all.csv")
    text = (tmp_path / "all.csv").read_bytes().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["title"], row["prompt"]) == ('\'=HYPERLINK("x")', "'- not a list")
    assert (row["limit_seconds"], row["topics"], row["status"]) == ("90", "evaluation", "published")
    assert "text: right\nright: yes" in row["fields"]
