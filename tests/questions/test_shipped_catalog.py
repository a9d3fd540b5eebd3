import re
import time

import pytest
from django.utils import timezone

from questions import catalog_files, catalog_loading, formats
from questions.models import QuestionVersion, Track

PARTS = {"B": 9, "B+": 6, "I": 15, "I+": 5, "A": 10, "A+": 4, "P": 5, "P+": 7}


@pytest.fixture(scope="module")
def catalog():
    return catalog_files.read()


def test_shipped_catalog_has_no_faults(catalog):
    assert [str(fault) for fault in catalog.faults] == []


def test_all_61_questions_of_the_source_are_there_and_open(catalog):
    sources = {f"{part}{number}" for part, count in PARTS.items() for number in range(1, count + 1)}
    by_source = {entry["source"]: entry for entry in catalog.questions if "source" in entry}
    assert len(sources) == 61
    assert set(by_source) == sources
    assert [source for source, entry in by_source.items() if formats.get(entry["format"]).is_closed] == []


def test_slugs_of_the_source_are_those_of_the_design(catalog):
    by_source = {entry["source"]: entry["slug"] for entry in catalog.questions if "source" in entry}
    assert by_source["B1"] == "bias-variance-tradeoff"
    assert by_source["A6"] == "confusion-matrix-rates"
    assert by_source["P+7"] == "ml-in-current-products"


def test_companions_are_enough_to_draw_every_closed_format(catalog):
    published = [entry for entry in catalog.questions if entry["status"] == "published"]
    companions = [entry for entry in published if "companion_of" in entry]
    assert len([entry for entry in companions if formats.get(entry["format"]).is_closed]) >= 24
    assert {entry["format"] for entry in published} == {format.name for format in formats.all()}


def test_every_topic_has_closed_questions_and_every_level(catalog):
    for topic in catalog.topics:
        entries = [entry for entry in catalog.questions if entry["topics"][0] == topic["slug"]]
        closed = [entry for entry in entries if formats.get(entry["format"]).is_closed]
        assert len(closed) >= 8, topic["slug"]
        assert {entry["level"] for entry in entries} == {"beginner", "intermediate", "advanced"}, topic["slug"]


def test_right_option_has_no_habit_of_place_or_length(catalog):
    """A candidate who always picks the first, or the longest, option must not do much better than by chance."""
    choices = [entry["options"] for entry in catalog.questions if entry["format"] == "single_choice"]
    places = [[option["right"] for option in options].index(True) for options in choices]
    longest = [max(options, key=lambda option: len(option["text"]))["right"] for options in choices]
    assert max(places.count(place) for place in set(places)) / len(choices) < 0.6
    assert sum(longest) / len(choices) < 0.6


@pytest.mark.django_db
def test_shipped_catalog_loads_fast_and_once(catalog):
    load_time = time.monotonic()
    catalog_loading.load(catalog, now=timezone.now())
    assert time.monotonic() - load_time < 20
    again = time.monotonic()
    assert catalog_loading.load(catalog_files.read(), now=timezone.now()) == catalog_loading.Loaded()
    assert time.monotonic() - again < 3
    unsafe = re.compile(r"<script|javascript:|style=", re.IGNORECASE)
    for version in QuestionVersion.objects.with_content():
        assert not unsafe.search(version.prompt_html + version.model_answer_html)


@pytest.mark.django_db
def test_every_track_that_we_ship_can_be_filled(catalog):
    catalog_loading.load(catalog, now=timezone.now())
    for track in Track.objects.with_sections():
        for section in track.sections.all():
            assert QuestionVersion.objects.published().in_section(section).count() >= section.count
