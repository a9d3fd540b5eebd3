from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from questions import catalog_files, catalog_loading
from questions.models import Question, QuestionVersion, Status, Topic, Track
from questions.models.question import content_hash
from tests.questions.factories import make_version

TOPICS = """
- slug: evaluation
  name: Evaluation
  subtopics:
    - {slug: classification, name: Classification}
- {slug: coding, name: Coding, subtopics: []}
"""
TRACKS = """
- slug: a-screen
  name: A screen
  limit_minutes: 10
  sections:
    - {name: All, count: 1, topics: [evaluation], formats: [free_text]}
"""
QUESTIONS = """
- slug: roc-auc
  title: The ROC curve
  source: I3
  level: intermediate
  category: theory
  topics: [evaluation, coding]
  subtopic: classification
  format: free_text
  limit_seconds: 300
  status: published
  prompt: |
    What is a ROC curve, and what is $AUC$?
  rubric:
    - {point: "Names the axes", weight: 2, says: ["TPR against FPR"]}
    - {point: "Reads the AUC as a probability"}
    - {point: "Says what 0.5 means"}
  misconceptions:
    - {statement: "It has two thresholds", correction: "They are its axes."}
  follow_ups:
    - ask: "What does the diagonal mean?"
      after: missed
      point: 3
      limit_seconds: 60
      hint: "Think of a coin."
      rubric: [{point: "States that it is chance", weight: 2}]
      model_answer: "Guessing."
    - {ask: "And why?", after: always, limit_seconds: 60, rubric: [{point: "Gives a reason"}], model_answer: "So."}
  model_answer: |
    It plots the true positive rate against the false positive rate.
  references:
    - {title: "Fawcett (2006), An introduction to ROC analysis", where: "Pattern Recognition Letters 27"}
- slug: roc-auc-chance
  title: The AUC of chance
  companion_of: roc-auc
  level: beginner
  category: theory
  topics: [evaluation]
  format: numeric
  limit_seconds: 90
  status: published
  prompt: What is the AUC of a coin?
  answer: {value: 0.5, tolerance: 0.01}
  check: "1/2"
  model_answer: One half.
  references: [{title: "Fawcett (2006)"}]
"""


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, questions=QUESTIONS)
    return tmp_path


def write(folder: Path, *, questions: str | None = None, topics: str = TOPICS, tracks: str = TRACKS) -> None:
    (folder / "topics.yaml").write_text(topics)
    (folder / "tracks.yaml").write_text(tracks)
    if questions is not None:
        (folder / "evaluation.yaml").write_text(questions)


def load(folder: Path) -> catalog_loading.Loaded:
    catalog = catalog_files.read(folder)
    assert catalog.faults == []
    return catalog_loading.load(catalog, now=timezone.now())


def faults(folder: Path) -> list[tuple[str, str]]:
    return [(fault.slug, fault.field) for fault in catalog_files.read(folder).faults]


# Loading


@pytest.mark.django_db
def test_load_keeps_everything_that_the_file_says(folder):
    loaded = load(folder)
    assert (loaded.questions, loaded.versions) == (2, 2)
    version = Question.objects.get(slug="roc-auc").published_version
    entry = catalog_files.read(folder).questions[0]
    assert version.content() == catalog_files.content_of(entry)
    assert catalog_files.content_of(catalog_files.entry_of(version)) == version.content()
    assert version.primary_topic.slug == "evaluation"
    assert version.subtopic.name == "Classification"
    assert version.question.source == "I3"
    assert 'class="math"' in version.prompt_html
    assert Question.objects.get(slug="roc-auc-chance").companion_of == version.question
    assert Track.objects.get().sections.get().formats == ["free_text"]
    assert Track.objects.get().limit_seconds == 600


@pytest.mark.django_db
def test_second_load_of_the_same_files_writes_nothing(folder, django_assert_max_num_queries):
    load(folder)
    before = list(QuestionVersion.objects.values())
    with django_assert_max_num_queries(6):
        assert load(folder) == catalog_loading.Loaded()
    assert list(QuestionVersion.objects.values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("What is a ROC curve", "What on earth is a ROC curve"),
        ("limit_seconds: 300", "limit_seconds: 360"),
        ("Names the axes", "Names both axes"),
        ("They are its axes", "These are its axes"),
        ("topics: [evaluation, coding]", "topics: [evaluation]"),
        ("Letters 27", "Letters 27(8)"),
        ("Think of a coin", "Think of two coins"),
    ],
)
def test_changed_question_gets_one_new_version_which_retires_the_old_one(folder, old, new):
    load(folder)
    write(folder, questions=QUESTIONS.replace(old, new))
    loaded = load(folder)
    assert (loaded.questions, loaded.versions) == (0, 1)
    statuses = Question.objects.get(slug="roc-auc").versions.order_by("number").values_list("number", "status")
    assert list(statuses) == [(1, Status.RETIRED), (2, Status.PUBLISHED)]


@pytest.mark.django_db
def test_changed_draft_leaves_the_published_version_alone(folder):
    load(folder)
    write(folder, questions=QUESTIONS.replace("status: published", "status: draft", 1).replace("What is a", "What's a"))
    write(folder, tracks=TRACKS.replace("free_text", "numeric"))
    load(folder)
    statuses = Question.objects.get(slug="roc-auc").versions.order_by("number").values_list("number", "status")
    assert list(statuses) == [(1, Status.PUBLISHED), (2, Status.DRAFT)]


@pytest.mark.django_db
def test_change_of_status_alone_makes_no_version(folder):
    load(folder)
    write(folder, questions=QUESTIONS.replace("published", "retired", 1), tracks=TRACKS.replace("free_text", "numeric"))
    loaded = load(folder)
    assert (loaded.versions, loaded.statuses) == (0, 1)
    assert Question.objects.get(slug="roc-auc").versions.get().status == Status.RETIRED
    write(folder, questions=QUESTIONS)
    load(folder)
    assert Question.objects.get(slug="roc-auc").versions.get().status == Status.PUBLISHED


@pytest.mark.django_db
def test_curators_work_outlives_a_load_of_unchanged_files(folder):
    load(folder)
    make_version(slug="roc-auc", number=2, format="free_text", prompt="A curator's wording")
    Question.objects.get(slug="roc-auc-chance").published_version.retire()
    Track.objects.update(name="Renamed")
    load(folder)
    assert Question.objects.get(slug="roc-auc").published_version.prompt == "A curator's wording"
    assert Question.objects.get(slug="roc-auc-chance").published_version is None
    assert Track.objects.get().name == "Renamed"


@pytest.mark.django_db
def test_question_that_left_the_files_stays(folder):
    load(folder)
    first, _ = QUESTIONS.split("- slug: roc-auc-chance")
    write(folder, questions=first)
    load(folder)
    assert Question.objects.get(slug="roc-auc-chance").published_version


@pytest.mark.django_db
def test_section_that_left_the_track_is_gone(folder):
    two = TRACKS + "    - {name: More, count: 1, formats: [numeric]}\n"
    write(folder, tracks=two)
    load(folder)
    assert Track.objects.get().sections.count() == 2
    write(folder)
    load(folder)
    assert Track.objects.get().sections.get().name == "All"


@pytest.mark.django_db
def test_load_fails_as_a_whole(folder):
    write(folder, questions=QUESTIONS.replace("level: beginner", "level: expert"))
    with pytest.raises(CommandError, match="nothing was loaded"):
        call_command("load_catalog", folder)
    assert not Question.objects.exists()
    assert not Topic.objects.exists()


@pytest.mark.django_db
def test_export_and_load_again_change_nothing(folder, tmp_path):
    load(folder)
    make_version(slug="roc-auc", number=2, format="staged", limit_seconds=600, topics=["evaluation", "coding"])
    make_version(slug="steps", format="ordering", prompt='A: "quoted" # and\n\n```python\nx = 1\n```')
    make_version(slug="many", format="multiple_choice", published=False)
    call_command("export_catalog", tmp_path / "first")
    write(tmp_path / "first", tracks=TRACKS.replace("free_text", "staged"))
    loaded = load(tmp_path / "first")
    assert (loaded.questions, loaded.versions, loaded.statuses) == (0, 0, 0)
    call_command("export_catalog", tmp_path / "second")
    texts = [(tmp_path / name / "evaluation.yaml").read_bytes() for name in ("first", "second")]
    assert texts[0] == texts[1]
    assert texts[0].count(b"- slug: ") == 4


# Faults


def test_good_files_have_no_faults(folder):
    assert catalog_files.read(folder).faults == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("level: intermediate", "level: expert", "level"),
        ("category: theory", "category: trivia", "category"),
        ("status: published", "status: done", "status"),
        ("format: free_text", "format: essay", "format"),
        ("topics: [evaluation, coding]", "topics: [coding]", "topics"),
        ("topics: [evaluation, coding]", "topics: [evaluation, cooking]", "topics"),
        ("topics: [evaluation, coding]", "topics: []", "topics"),
        ("topics: [evaluation, coding]", "topics: [evaluation, evaluation]", "topics"),
        ("subtopic: classification", "subtopic: ranking", "subtopic"),
        ("limit_seconds: 300", "limit_seconds: 30000", "limit_seconds"),
        ("limit_seconds: 300", 'limit_seconds: "300"', "limit_seconds"),
        ("limit_seconds: 300", "limit_seconds: true", "limit_seconds"),
        ("title: The ROC curve", "title: 2006", "title"),
        ("title: The ROC curve", 'title: "  "', "title"),
        ("title: The ROC curve", "title:", "title"),
        ("title: The ROC curve", "colour: red\n  title: The ROC curve", "colour"),
        ("title: The ROC curve", f"title: {'x' * 201}", "title"),
        ("  title: The ROC curve\n", "", "title"),
        ("weight: 2", "weight: 9", "rubric[1].weight"),
        ("weight: 2", "wait: 2", "rubric[1].wait"),
        ('    - {point: "Says what 0.5 means"}\n', "", "rubric"),
        ("  references:\n", "  options: [{text: a, right: true, why: b}]\n  references:\n", "options"),
    ],
)
def test_fault_names_its_question_and_field(folder, old, new, field):
    assert old in QUESTIONS
    write(folder, questions=QUESTIONS.replace(old, new, 1))
    assert ("roc-auc", field) in faults(folder)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("companion_of: roc-auc", "companion_of: roc-auk", "companion_of"),
        ("companion_of: roc-auc", "companion_of: roc-auc-chance", "companion_of"),
        ('check: "1/2"', 'check: "1/3"', "check"),
        ('check: "1/2"', 'check: "1/0"', "check"),
        ('check: "1/2"', "check: \"__import__('os')\"", "check"),
        ("tolerance: 0.01", "tolerance: -1", "answer"),
        ("value: 0.5", "value: .nan", "answer.value"),
        ("  answer: {value: 0.5, tolerance: 0.01}\n", "", "answer"),
        ("  companion_of:", "  source: I3\n  companion_of:", "source"),
        ("  answer:", "  rubric: [{point: a}, {point: b}, {point: c}]\n  answer:", "rubric"),
    ],
)
def test_fault_of_a_closed_question(folder, old, new, field):
    assert old in QUESTIONS
    write(folder, questions=QUESTIONS.replace(old, new, 1))
    assert ("roc-auc-chance", field) in faults(folder)


def test_all_faults_are_said_at_once(folder):
    broken = QUESTIONS.replace("level: intermediate", "level: x").replace("limit_seconds: 90", "limit_seconds: 9")
    write(folder, questions=broken, tracks=TRACKS.replace("count: 1", "count: 5"), topics="nonsense")
    found = catalog_files.read(folder).faults
    assert {fault.file for fault in found} == {"evaluation.yaml", "tracks.yaml", "topics.yaml"}
    assert {fault.slug for fault in found} >= {"roc-auc", "roc-auc-chance", "a-screen"}


def test_slug_that_stands_twice_is_a_fault(folder):
    write(folder, questions=QUESTIONS.replace("slug: roc-auc-chance", "slug: roc-auc"))
    assert ("roc-auc", "slug") in faults(folder)


def test_slug_in_capitals_is_a_fault(folder):
    write(folder, questions=QUESTIONS.replace("slug: roc-auc\n", "slug: ROC_AUC\n"))
    assert ("ROC_AUC", "slug") in faults(folder)


def test_section_that_cannot_be_filled_is_a_fault(folder):
    write(folder, tracks=TRACKS.replace("count: 1", "count: 2"))
    assert faults(folder) == [("a-screen", "sections[1].count")]


def test_a_track_shorter_than_the_longest_questions_it_can_draw_is_a_fault(folder):
    write(folder, tracks=TRACKS.replace("limit_minutes: 10", "limit_minutes: 1"))
    assert faults(folder) == [("a-screen", "limit_minutes")]


def test_section_of_an_unknown_topic_is_a_fault(folder):
    write(folder, tracks=TRACKS.replace("[evaluation]", "[evaluations]"))
    assert ("a-screen", "sections[1].topics") in faults(folder)


@pytest.mark.parametrize("document", ["", "just text", "{a: b}", "- just text\n- 5"])
def test_file_that_is_no_list_of_entries_is_a_fault(folder, document):
    write(folder, questions=document)
    assert next(fault.file for fault in catalog_files.read(folder).faults) == "evaluation.yaml"


def test_more_right_options_than_wrong_ones_are_a_warning_and_no_fault(folder, capsys):
    options = "".join(f"\n  - {{text: Option {n}, right: {str(n < 3).lower()}, why: So it is.}}" for n in range(5))
    closed = QUESTIONS.replace("format: numeric", "format: multiple_choice").replace('  check: "1/2"\n', "")
    write(folder, questions=closed.replace("  answer: {value: 0.5, tolerance: 0.01}", f"  options:{options}"))
    call_command("check_catalog", folder)
    said = capsys.readouterr().out
    assert "warning: evaluation.yaml: roc-auc-chance: options: 3 of 5 are right: ticking all scores 33%" in said
    assert "no faults" in said


def test_check_catalog_ends_in_an_error_when_there_are_faults(folder, capsys):
    write(folder, questions=QUESTIONS.replace("level: beginner", "level: expert"))
    with pytest.raises(CommandError, match="1 fault"):
        call_command("check_catalog", folder)
    assert "evaluation.yaml: roc-auc-chance: level: “expert” is none of" in capsys.readouterr().out


# Follow-ups


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("after: missed", "after: soon", "follow_ups[1].after"),
        ("point: 3", "point: 4", "follow_ups[1].point"),
        ("      point: 3\n", "", "follow_ups[1].point"),
        ("after: missed", "after: misconception", "follow_ups[1].point"),
        ("after: always", "after: always, point: 1", "follow_ups[2].point"),
        ("limit_seconds: 60, ", "limit_seconds: 20, ", "follow_ups[2].limit_seconds"),
        ("weight: 2}]", "weight: 4}]", "follow_ups[1].rubric"),
        ('[{point: "Gives a reason"}]', "[]", "follow_ups[2].rubric"),
        ('"Think of a coin."', "5", "follow_ups[1].hint"),
    ],
)
def test_fault_of_a_follow_up_is_said_with_its_place(folder, old, new, field):
    assert QUESTIONS.count(old) == 1
    write(folder, questions=QUESTIONS.replace(old, new))
    assert ("roc-auc", field) in faults(folder)


def test_a_question_has_two_follow_ups_at_least_and_a_closed_one_none(folder):
    start = QUESTIONS.index('    - {ask: "And why?"')
    line = QUESTIONS[start : QUESTIONS.index("\n", start) + 1]
    write(folder, questions=QUESTIONS.replace(line, ""))
    assert ("roc-auc", "follow_ups") in faults(folder)
    write(
        folder,
        questions=QUESTIONS.replace("  model_answer: One half.", f"  follow_ups:\n{line}  model_answer: One half."),
    )
    assert ("roc-auc-chance", "follow_ups") in faults(folder)


@pytest.mark.django_db
def test_a_version_without_follow_ups_keeps_the_hash_that_it_had_before_there_were_any():
    version = make_version(format="free_text")
    content = version.content()
    assert content.pop("follow_ups") == []
    assert version.content_hash == content_hash(content)
    version.follow_ups = [{"ask": "Why?"}]
    assert content_hash(version.content()) != version.content_hash
