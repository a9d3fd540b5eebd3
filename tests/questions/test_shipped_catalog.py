import re
import runpy
import time
from collections import Counter

import pytest
from django.utils import timezone

from questions import catalog_files, catalog_loading, formats
from questions.models import QuestionVersion, Track
from tests.factories import load_shipped_catalog, shipped_catalog

PARTS = {"B": 9, "B+": 6, "I": 15, "I+": 5, "A": 10, "A+": 4, "P": 5, "P+": 7}


@pytest.fixture(scope="module")
def catalog():
    return shipped_catalog()


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


def published_of(catalog):
    return [entry for entry in catalog.questions if entry["status"] == "published"]


def test_bank_is_as_broad_as_it_promises(catalog):
    published = published_of(catalog)
    formats_of = Counter(entry["format"] for entry in published)
    assert len(published) >= 200
    assert formats_of["sql"] >= 30
    assert formats_of["numeric"] >= 8
    assert formats_of["ordering"] >= 10
    assert formats_of["staged"] >= 10
    assert sum(entry["title"].startswith("Find the flaw") for entry in published) >= 12
    assert [entry["slug"] for entry in published if not entry["references"]] == []
    opened = [entry for entry in published if not formats.get(entry["format"]).is_closed]
    assert [entry["slug"] for entry in opened if not entry.get("misconceptions")] == []


def test_every_open_question_has_a_closed_companion_or_follow_ups(catalog):
    """A found flaw is an exercise of its own, code is checked by running it; of a quarrel with a colleague nothing is
    to be ticked.
    """
    checked = {entry.get("companion_of") for entry in published_of(catalog) if formats.get(entry["format"]).is_closed}
    alone = {
        entry["slug"]
        for entry in published_of(catalog)
        if not formats.get(entry["format"]).is_closed
        and entry["format"] != "code"
        and entry["slug"] not in checked
        and "flaw" not in entry["slug"]
        and "companion_of" not in entry
        and "follow_ups" not in entry
    }
    assert alone <= {"disagreement-over-launch"}


def test_code_is_asked_of_in_every_way_that_a_case_can(catalog):
    code = [entry for entry in published_of(catalog) if entry["format"] == "code"]
    fields = {field for entry in code for case in entry["cases"] for field in case}
    assert len(code) >= 60
    assert sum(entry.get("subtopic") == "ml-from-scratch" for entry in code) >= 30
    assert [entry["slug"] for entry in code if not 900 <= entry["limit_seconds"] <= 1500] == []
    assert fields >= {"call", "operations", "expression", "reads_argument", "any_order", "raises", "prints"}
    assert {"numpy" in entry.get("packages", []) for entry in code} == {True, False}
    assert [entry["slug"] for entry in code if min(len(point.get("says", [])) for point in entry["rubric"]) < 2] == []


def test_worked_solution_of_a_number_states_it(catalog):
    """The model answer holds a number that would score, as the candidate is asked to round it."""
    numeric = formats.get("numeric")
    for entry in catalog.questions:
        if entry["format"] == "numeric":
            version = QuestionVersion(answer=entry["answer"])
            plain = re.sub(r"\\[,;]|\{,\}|\$|\*", "", entry["model_answer"].replace("\\%", "%"))
            written = re.findall(r"-?[0-9][0-9,. ]*[0-9]|[0-9]", plain)
            assert any(right(numeric, version, text) for text in written), entry["slug"]


def test_key_of_a_number_is_right_in_every_common_style_and_its_tolerance_holds(catalog):
    numeric = formats.get("numeric")
    entries = [entry for entry in catalog.questions if entry["format"] == "numeric"]
    assert len(entries) >= 100
    for entry in entries:
        key, tolerance, unit = entry["answer"]["value"], entry["answer"]["tolerance"], entry["answer"].get("unit", "")
        version = QuestionVersion(answer=entry["answer"])
        written = [f"{key:.10g}", f"{key:,}", f"= {key:.10g}", f"≈ {key:.10g} {unit}", f"{key:e}", f"{key:.10g}{unit}."]
        written += [f"{key + part * tolerance:.10g}" for part in (-1, -0.9, 0.9, 1)]
        written += [f"{key / 100:.12g}", f"{key:.10g} per cent"] if unit == "%" else []
        written += [f"€{key}", f"{key} euros"] if unit == "€" else []
        written += [f"{key:.4f}".replace(".", ",")]  # an exact decimal comma
        assert [text for text in written if not right(numeric, version, text)] == [], entry["slug"]
        beyond = 1.02 * tolerance + 1e-4 * max(1, abs(key))
        missed = [f"{key + beyond:.10g}", f"{key - beyond:.10g}", f"{1000 * key + 1:.10g}", f"{-key:.10g}"]
        assert [text for text in missed if right(numeric, version, text)] == [], entry["slug"]


def test_arithmetic_that_proves_a_number_is_right_as_an_answer(catalog):
    """But whole division and functions of two numbers, which are for those who write questions."""
    numeric = formats.get("numeric")
    proofs = [
        (entry["check"], QuestionVersion(answer=entry["answer"]), entry["slug"])
        for entry in catalog.questions
        if entry["format"] == "numeric" and "//" not in entry["check"] and "," not in entry["check"]
    ]
    assert len(proofs) >= 90
    assert [slug for check, version, slug in proofs if not right(numeric, version, check)] == []


def right(format, version, text) -> bool:
    return format.score(version, [text]).score == 1.0


def test_plots_are_small_shown_and_answer_what_is_asked_about_them(catalog):
    """The script that draws them works the answers out of the data that it draws; without drawing it needs nothing."""
    drawing = runpy.run_path(str(catalog_files.CATALOG / "figures" / "draw.py"))
    entries = {entry["slug"]: entry for entry in published_of(catalog) if entry.get("figures")}
    assert len(entries) >= 12
    files = {path.name: path for path in (catalog_files.CATALOG / "figures").glob("*.png")}
    assert {name for entry in entries.values() for name in entry["figures"]} == set(files)
    assert {f"{name}.png" for name in drawing["FIGURES"]} == set(files)
    assert [name for name, path in files.items() if path.stat().st_size > 40_000] == []
    keys = {slug: entry["answer"]["value"] for slug, entry in entries.items() if entry["format"] == "numeric"}
    depth = next(float(o["text"]) for o in entries["figure-depth-by-one-standard-error"]["options"] if o["right"])
    keys["figure-depth-by-one-standard-error"] = depth
    assert keys == pytest.approx(drawing["ANSWERS"], abs=0.05)
    both = [round(drawing["area"](drawing[curve]), 2) for curve in ("CROSSING_A", "CROSSING_B")]
    assert both == [0.83, 0.83]


def test_every_track_says_where_it_comes_from(catalog):
    """An outline after an article has its date and claims no reports that we lack; a mix of our own says so."""
    for track in catalog.tracks:
        ours, outline = "Our own" in track["reported"], re.search(r"article of .+ [0-9]{4}", track["reported"])
        assert ours or (outline and "ours" in track["reported"]), track["slug"]
        assert "as reported by candidates" not in track["reported"].lower()


def test_nobody_meets_the_same_long_question_twice_in_six_sittings_of_a_track(catalog):
    published = published_of(catalog)
    for track in catalog.tracks:
        for section in track["sections"]:
            fitting = [entry for entry in published if catalog_files.fits(entry, section)]
            if not any(formats.get(entry["format"]).is_closed for entry in fitting):
                assert len(fitting) >= 6 * section["count"], (track["slug"], section["name"])
            assert fitting


def test_companions_are_enough_to_draw_every_closed_format(catalog):
    published = [entry for entry in catalog.questions if entry["status"] == "published"]
    companions = [entry for entry in published if "companion_of" in entry]
    assert len([entry for entry in companions if formats.get(entry["format"]).is_closed]) >= 24
    assert {entry["format"] for entry in published} == {format.name for format in formats.all()}


def test_every_topic_has_closed_questions_and_every_level(catalog):
    for topic in catalog.topics:
        entries = [entry for entry in published_of(catalog) if entry["topics"][0] == topic["slug"]]
        closed = [entry for entry in entries if formats.get(entry["format"]).is_closed]
        assert len(entries) >= 10, topic["slug"]
        assert len(closed) >= 8, topic["slug"]
        assert {entry["level"] for entry in entries} == {"beginner", "intermediate", "advanced"}, topic["slug"]


def test_right_option_has_no_habit_of_place_or_length(catalog):
    """Whoever always picks the first, the longest or the shortest option must not do much better than by chance."""
    choices = [entry["options"] for entry in catalog.questions if entry["format"] == "single_choice"]
    places = [[option["right"] for option in options].index(True) for options in choices]
    assert max(places.count(place) for place in set(places)) / len(choices) < 0.4
    for extreme in (max, min):
        picked = [extreme(options, key=lambda option: len(option["text"]))["right"] for options in choices]
        assert sum(picked) / len(choices) < 0.4


@pytest.mark.django_db(transaction=True)  # reading runs queries, and no transaction may idle so long
def test_shipped_catalog_loads_fast_and_once():
    """20 and 3 seconds, of this process's own: what else the machine does is no fault of the loader's."""
    started = time.process_time()
    load_shipped_catalog()
    loaded = time.process_time()
    assert catalog_loading.load(catalog_files.read(), now=timezone.now()) == catalog_loading.Loaded()
    again = time.process_time()
    assert loaded - started < 20
    assert again - loaded < 3
    unsafe = re.compile(r"<script|javascript:|style=", re.IGNORECASE)
    for version in QuestionVersion.objects.with_content():
        assert not unsafe.search(version.prompt_html + version.model_answer_html)


@pytest.mark.django_db
def test_every_track_that_we_ship_can_be_filled(catalog):
    catalog_loading.load(catalog, now=timezone.now())
    for track in Track.objects.with_sections():
        for section in track.sections.all():
            assert QuestionVersion.objects.published().in_section(section).count() >= section.count
