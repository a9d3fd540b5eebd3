"""SQL as a format: its score, its page, and the questions that we ship."""

import pytest
from django.urls import reverse
from django.utils import timezone

from questions import catalog_files, catalog_loading
from questions.formats.sql import FORMAT
from questions.models import QuestionVersion
from questions.running.parts import EngineFault
from tests.questions.factories import make_version
from tests.questions.running.test_queries import SCHEMA


@pytest.fixture
def version(db):
    return make_version(format="sql")


def test_right_query_gets_the_full_score_and_keeps_both_tables(version):
    scored = FORMAT.score(version, ["SELECT surface, count(1) FROM views GROUP BY 1 ORDER BY 2"])
    assert scored.score == 1.0
    assert scored.evidence["own"]["row_count"] == scored.evidence["expected"]["row_count"] == 3


def test_wrong_rows_score_nothing_and_stand_beside_the_expected(version):
    scored = FORMAT.score(version, ["SELECT surface, count(*) FROM views WHERE surface <> '' GROUP BY surface"])
    assert scored.score == 0.0
    assert scored.evidence["verdict"] == "2 rows; expected 3."
    assert scored.evidence["own"]["rows"] == [["feed", 3], ["moments", 1]]


def test_query_that_fails_keeps_its_message(version):
    scored = FORMAT.score(version, ["SELECT visits FROM views"])
    assert scored.score == 0.0
    assert "no such column: visits" in scored.evidence["error"]
    assert scored.evidence["own"] is None


def test_solution_that_fails_is_no_fault_of_the_candidate(version):
    version.answer = version.answer | {"solution": "SELECT nothing_of_this"}
    with pytest.raises(EngineFault, match="solution"):
        FORMAT.score(version, ["SELECT 1"])


STATES = ["INSERT INTO t VALUES (2, 'b'), (1, 'a')", "INSERT INTO t VALUES (3, NULL), (1, 'x'), (2, 'y')"]
ENTRY = {
    "schema": "CREATE TABLE t (a INTEGER, b TEXT);",
    "states": STATES,
    "solution": "SELECT a FROM t WHERE b IS NOT NULL ORDER BY a",
    "compare": "ordered",
    "wrong": ["SELECT a FROM t ORDER BY a", "SELECT a FROM t WHERE b IS NOT NULL"],
    "also_right": ["SELECT a FROM t WHERE b > '' ORDER BY 1"],
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"solution": "SELECT c FROM t ORDER BY 1", "wrong": [], "also_right": []}, "solution"),
        ({"solution": "SELECT a FROM t WHERE a > 9 ORDER BY a", "wrong": [], "also_right": []}, "solution"),
        ({"solution": "SELECT a FROM t WHERE b IS NOT NULL", "wrong": [], "also_right": []}, "solution"),
        ({"solution": "DELETE FROM t", "wrong": [], "also_right": []}, "solution"),
        ({"schema": "CREATE TABL t (a)"}, "states"),
        ({"states": [*STATES, "INSERT INTO nowhere VALUES (1)"]}, "states"),
        ({"states": STATES[:1]}, "states"),
        ({"compare": "loosely"}, "compare"),
        (
            {
                "wrong": [
                    "SELECT a FROM t WHERE b IS NOT NULL ORDER BY a DESC",
                    "SELECT a FROM t WHERE b > '' ORDER BY a",
                ]
            },
            "wrong[2]",
        ),
        ({"also_right": ["SELECT a FROM t ORDER BY a"]}, "also_right[1]"),
        ({"also_right": ["SELECT a FROM t WHERE b IS NOT NULL"]}, "also_right[1]"),
    ],
)
def test_catalog_check_runs_the_solution_and_what_must_fail_or_pass(changes, field):
    def found(entry):
        return [name for name, _ in FORMAT.faults(entry)] or [name for name, _ in FORMAT.trial_faults(entry)]

    assert found(ENTRY) == []
    assert found(ENTRY | changes) == [field]


def rules(**changes) -> QuestionVersion:
    return QuestionVersion(format="sql", answer=FORMAT.content_from(ENTRY | changes)["answer"])


def test_query_that_is_right_on_the_shown_data_only_scores_nothing_and_sees_where():
    scored = FORMAT.score(rules(), ["SELECT a FROM t ORDER BY a"])
    assert scored.score == 0.0
    assert scored.evidence["state"] == 1
    assert scored.evidence["expected"]["rows"] == [[1], [2]]
    assert scored.evidence["own"]["rows"] == [[1], [2], [3]]


def test_order_that_nobody_asked_for_scores_nothing_where_order_counts():
    states = ["INSERT INTO t VALUES (1, 'b'), (2, 'a')", "INSERT INTO t VALUES (5, 'x')"]
    scored = FORMAT.score(rules(states=states), ["SELECT a FROM t WHERE b IS NOT NULL"])
    assert scored.score == 0.0
    assert "no ORDER BY" in scored.evidence["verdict"]
    assert FORMAT.score(rules(states=states, compare="unordered"), ["SELECT a FROM t WHERE b IS NOT NULL"]).score == 1.0


def test_version_from_before_there_were_states_keeps_its_rules():
    old = {"schema": SCHEMA, "solution": "SELECT a FROM t ORDER BY a", "compare": "ordered"}
    version = QuestionVersion(format="sql", answer=old)
    assert FORMAT.score(version, ["SELECT a FROM t"]).score == 1.0
    assert FORMAT.score(version, ["SELECT a FROM t ORDER BY a DESC"]).score == 0.0
    assert FORMAT.page_task(version) == {"script": SCHEMA}


@pytest.mark.parametrize("name", ["sql_worker", "python_worker"])
def test_worker_script_carries_its_own_policy(client, db, name):
    response = client.get(reverse(f"questions:{name}"))
    assert response["Content-Type"].startswith("text/javascript")
    assert "'wasm-unsafe-eval'" in response["Content-Security-Policy"]
    assert "unsafe-eval" not in client.get("/")["Content-Security-Policy"]


# What we ship


SHIPPED = {entry["slug"]: entry for entry in catalog_files.read().questions if entry["format"] == FORMAT.name}


def shipped_version(slug) -> QuestionVersion:
    return QuestionVersion(format=FORMAT.name, answer=FORMAT.content_from(SHIPPED[slug])["answer"])


def test_queries_of_every_level_and_kind_are_asked():
    levels = [entry["level"] for entry in SHIPPED.values()]
    assert len(levels) >= 30
    assert min(map(levels.count, ("beginner", "intermediate", "advanced"))) >= 7
    assert sum(" OVER " in entry["solution"].upper() for entry in SHIPPED.values()) >= 12
    to_mend = [entry for slug, entry in SHIPPED.items() if slug.startswith("sql-debug-")]
    assert len(to_mend) >= 5
    for entry in to_mend:
        shown = entry["prompt"].split("```sql")[1].split("```")[0]
        assert " ".join(shown.split()) == " ".join(entry["wrong"][0].split("\n", 1)[1].split()), entry["slug"]


def test_known_mistakes_and_right_ways_are_many():
    """That each does what it should is checked at every load."""
    assert min(len(entry["wrong"]) for entry in SHIPPED.values()) >= 8
    right = sorted(len(entry["also_right"]) for entry in SHIPPED.values())
    assert right[0] >= 4
    assert right[-11] >= 8


@pytest.mark.parametrize("slug", ["sql-ordered-funnel", "sql-beats-its-parent", "sql-debug-no-rows"])
def test_known_mistakes_score_nothing_and_right_ways_score(slug):
    version, entry = shipped_version(slug), SHIPPED[slug]
    assert {FORMAT.score(version, [query]).score for query in entry["wrong"][:2]} == {0.0}
    assert {FORMAT.score(version, [query]).score for query in (entry["solution"], entry["also_right"][0])} == {1.0}


@pytest.mark.parametrize("slug", SHIPPED)
def test_prompt_names_the_dialect_and_the_columns(slug):
    assert "SQLite" in SHIPPED[slug]["prompt"]
    assert "Columns:" in SHIPPED[slug]["prompt"]


@pytest.mark.django_db(transaction=True)  # reading runs queries, and no transaction may idle so long
def test_entry_comes_back_from_the_database_as_it_was():
    catalog = catalog_files.read()
    catalog_loading.load(catalog, now=timezone.now())
    versions = QuestionVersion.objects.published().with_content().filter(question__slug__in=SHIPPED)
    for version in versions:
        entry = catalog_files.entry_of(version)
        assert entry == SHIPPED[version.question.slug]
        assert list(entry)[-4:] == ["wrong", "also_right", "model_answer", "references"]


@pytest.mark.django_db(transaction=True)
def test_load_runs_what_changed_and_refuses_a_state_that_lets_a_mistake_pass(tmp_path):
    for path in catalog_files.CATALOG.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    catalog = catalog_files.read(tmp_path)
    entry = next(entry for entry in catalog.questions if entry["slug"] == "sql-beats-its-parent")
    assert entry in catalog_loading.to_try(catalog)
    entry["wrong"] = [*entry["wrong"], entry["also_right"][0]]
    (fault,) = catalog_files.trial_faults([entry], catalog.files)
    assert str(fault).startswith(f"coding.yaml: sql-beats-its-parent: wrong[{len(entry['wrong'])}]")
    catalog_loading.load(catalog, now=timezone.now())
    assert catalog_loading.to_try(catalog) == []
