"""What a candidate's query may do, what it may cost, and when it is right."""

import json
import math
import subprocess
import sys
import time

import pytest
from django.urls import reverse
from django.utils import timezone

from questions import catalog_files, catalog_loading, sql_sandbox
from questions.formats.sql import FORMAT, first_difference, shown
from questions.models import QuestionVersion
from questions.sql_sandbox import SchemaError, SqlError, Table
from tests.questions.factories import make_version

SCHEMA = "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, 'y');"
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
# Starting the process and stopping it, on a busy machine, beyond what the SQL itself may use.
SLACK_SECONDS = 15


def run(query, schema=SCHEMA):
    return sql_sandbox.run(schema, query)


def refusal(query, schema=SCHEMA) -> str:
    with pytest.raises(SqlError) as error:
        run(query, schema)
    return str(error.value)


# The sandbox


def test_query_gives_its_columns_and_rows_with_their_types():
    table = run("SELECT a, b, a / 2.0 AS half, x'00ff' AS raw FROM t ORDER BY a LIMIT 2")
    assert table.columns == ["a", "b", "half", "raw"]
    assert table.rows == [[1, "x", 0.5, {"blob": "00ff"}], [2, None, 1.0, {"blob": "00ff"}]]


@pytest.mark.parametrize(
    "query", ["SELECT 1;", "SELECT 1; -- done", "/* one */ SELECT 1", "WITH c AS (SELECT 1) SELECT * FROM c"]
)
def test_one_statement_with_comments_and_semicolon_is_one_statement(query):
    assert run(query).rows == [[1]]


@pytest.mark.parametrize(
    "query",
    [
        f"{ENDLESS} SELECT count(*) FROM n",
        f"{ENDLESS} SELECT group_concat(x) FROM n",
        f"{ENDLESS.replace('FROM n', 'FROM n LIMIT 100000')} SELECT count(*) FROM n AS a, n AS b, n AS c",
    ],
)
def test_query_without_an_end_is_stopped_and_says_so(query):
    started = time.monotonic()
    assert "Stopped after 2 seconds" in refusal(query)
    assert time.monotonic() - started < sql_sandbox.WALL_SECONDS + SLACK_SECONDS


def test_function_that_sqlite_cannot_interrupt_is_killed():
    started = time.monotonic()
    twice_ten_seconds = "SELECT printf('%.*c', 2147483647, 'x') IS printf('%.*c', 2147483647, 'y')"
    assert "Stopped" in refusal(twice_ten_seconds)
    assert time.monotonic() - started < sql_sandbox.WALL_SECONDS + SLACK_SECONDS


@pytest.mark.parametrize("query", [f"{ENDLESS} SELECT x FROM n", "SELECT 1 FROM t a, t b, t c, t d, t e, t f, t g"])
def test_too_many_rows_are_refused(query):
    assert "more than 1,000 rows" in refusal(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT zeroblob(1000000000)",
        "SELECT hex(hex(randomblob(40000)))",
        "SELECT replace(hex(zeroblob(40000)), '0', 'aa')",
    ],
)
def test_huge_value_is_refused(query):
    assert "too big" in refusal(query)


def test_rows_that_are_huge_together_are_refused():
    assert "500,000" in refusal(f"{ENDLESS.replace('FROM n', 'FROM n LIMIT 50')} SELECT hex(zeroblob(40000)) FROM n")


def test_query_that_fills_the_memory_is_stopped():
    query = "WITH RECURSIVE n(x) AS (SELECT randomblob(90000) UNION ALL SELECT randomblob(90000) FROM n)"
    assert "memory" in refusal(f"{query} SELECT * FROM n ORDER BY x")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("ATTACH 'other.db' AS other", "ATTACH"),
        ("VACUUM INTO 'copy.db'", "ATTACH"),
        ("PRAGMA table_info(t)", "PRAGMA"),
        ("PRAGMA hard_heap_limit = 0", "PRAGMA"),
        ("SELECT * FROM pragma_database_list", "SELECT"),
        ("SELECT * FROM sqlite_master", "sqlite_master"),
        ("SELECT load_extension('evil')", "load_extension()"),
        ("DELETE FROM t", "DELETE"),
        ("INSERT INTO t VALUES (4, 'z') RETURNING a", "SELECT"),
        ("UPDATE t SET a = 0", "SELECT"),
        ("DROP TABLE t", "SELECT"),
        ("CREATE TABLE u (a)", "SELECT"),
        ("CREATE TEMP TABLE u (a)", "SELECT"),
        ("CREATE VIRTUAL TABLE u USING fts5(a)", "SELECT"),
        ("BEGIN", "SELECT"),
    ],
)
def test_whatever_does_not_read_the_schema_is_refused(query, named):
    assert "not allowed here" in refusal(query)
    assert named in refusal(query)


@pytest.mark.parametrize("query", ["SELECT writefile('f', 'x')", "SELECT readfile('/etc/passwd')", "SELECT edit('x')"])
def test_functions_that_touch_files_do_not_exist(query):
    assert "no such function" in refusal(query)


def test_second_statement_is_refused():
    assert "one statement" in refusal("SELECT 1; DROP TABLE t")


@pytest.mark.parametrize("query", ["", "  \n", "-- nothing yet", "/* nothing */", ";"])
def test_no_query_is_said_to_be_none(query):
    assert "no query" in refusal(query)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC a FROM t", 'near "SELEC": syntax error'),
        ("SELECT c FROM t", "no such column: c"),
        ("SELECT a FROM u", "no such table: u"),
        ("SELECT ?", "too many SQL variables"),
        ("SELECT 'a\0b'", "character"),
        ("SELECT '\ud800'", "character"),
        (f"SELECT {'(' * 3000}1{')' * 3000}", "SQLite says"),
        (f"SELECT 'a' LIKE '{'%a' * 5000}'", "too complex"),
    ],
)
def test_error_message_says_what_sqlite_says(query, said):
    assert said in refusal(query)


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("SELECT b::integer FROM t", "CAST"),
        ("SELECT a FROM t WHERE b ILIKE 'X'", "LIKE"),
        ("SELECT TOP 2 a FROM t", "LIMIT"),
        ("SELECT date_trunc('month', b) FROM t", "strftime"),
        ("SELECT a FROM t WHERE b > now() - INTERVAL '7 days'", "+7 days"),
    ],
)
def test_error_names_what_sqlite_has_instead_of_another_dialects_word(query, hint):
    said = refusal(query)
    assert "The dialect is SQLite" in said
    assert hint in said


def test_error_of_sqlites_own_words_gets_no_hint():
    assert "dialect" not in refusal("SELECT a FORM t")
    assert "dialect" not in refusal("SELECT year FROM t")


@pytest.mark.parametrize("query", ["SELECT printf('%*d', 1000000000, 1)", "SELECT format('%1000000000s', 'x')"])
def test_padding_beyond_the_limit_gives_nothing(query):
    assert run(query).rows == [[None]]


def test_pattern_that_backtracks_for_long_is_stopped_or_done_in_time():
    started = time.monotonic()
    run(f"SELECT hex(zeroblob(40000)) LIKE '{'%0' * 90}1%'")
    assert time.monotonic() - started < sql_sandbox.WALL_SECONDS + SLACK_SECONDS


def test_process_gets_no_file_and_no_memory():
    """What SQL cannot reach today, its process could not use tomorrow."""
    code = (
        f"import runpy; runpy.run_path({sql_sandbox.__file__!r})['lower_limits']()\n"
        "for act in (lambda: open('/etc/hostname'), lambda: open('new', 'w'), lambda: bytearray(10**9)):\n"
        "    try: act()\n"
        "    except (OSError, MemoryError): print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["refused"] * 3


@pytest.mark.parametrize(
    "schema", ["CREATE TABL t (a)", "ATTACH 'x' AS y", "PRAGMA user_version = 3", f"{ENDLESS} SELECT count(*) FROM n"]
)
def test_faulty_schema_is_told_from_a_faulty_query(schema):
    with pytest.raises(SchemaError):
        run("SELECT 1", schema)


# When a query is right


def table(*rows, columns=("a", "b")):
    return Table(list(columns), [list(row) for row in rows])


def differs(own, expected, is_ordered=False):
    return first_difference(own, expected, is_ordered=is_ordered)


def test_order_of_rows_counts_only_where_it_is_asked_for():
    assert differs(table((1, "x"), (2, "y")), table((2, "y"), (1, "x"))) is None
    assert "their order is not" in differs(table((1, "x"), (2, "y")), table((2, "y"), (1, "x")), is_ordered=True)


def test_row_counts_as_often_as_it_stands_there():
    assert differs(table((1, "x"), (1, "x"), (2, "y")), table((1, "x"), (2, "y"), (2, "y"))) is not None


@pytest.mark.parametrize(("own", "expected"), [(2, 2.0), (0.1 + 0.2, 0.3), (1 / 3, 0.333333333333333), (-0.0, 0)])
def test_numbers_are_equal_by_value(own, expected):
    assert differs(table((own, "x")), table((expected, "x"))) is None


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (None, 0),
        (None, ""),
        (0, None),
        ("1", 1),
        ("", None),
        ({"blob": "78"}, "x"),
        (0.334, 1 / 3),
        ("NULL", None),
        ("x ", "x"),
    ],
)
def test_null_text_number_and_blob_are_four_things(own, expected):
    assert differs(table((own, "x")), table((expected, "x"))) is not None
    assert differs(table((own, "x")), table((expected, "x")), is_ordered=True) is not None


def test_names_of_columns_do_not_count_but_their_number_and_places_do():
    assert differs(table((1, "x"), columns=("c", "d")), table((1, "x"))) is None
    assert "expected 2: a, b" in differs(Table(["a"], [[1]]), table((1, "x")))
    assert differs(table(("x", 1)), table((1, "x"))) is not None


def test_difference_says_where_to_look():
    assert differs(table((1, "x")), table((1, "x"), (2, "y"))) == "1 row; expected 2."
    assert "Row 2" in differs(table((1, "x"), (3, "y")), table((1, "x"), (2, "y")), is_ordered=True)
    assert "1 row of 2" in differs(table((1, "x"), (3, "y")), table((1, "x"), (2, "y")))
    assert "types" in differs(table(("1", "x")), table((1, "x")))


def test_kept_rows_are_bounded_and_storable():
    kept = shown(Table(["a"], [["x" * 1000], [math.inf], ["a\0b"], [{"blob": "00"}], *([[1]] * 100)]))
    assert len(kept["rows"]) == 50
    assert kept["row_count"] == 104
    assert len(kept["rows"][0][0]) == 201
    assert "\\u0000" not in json.dumps(kept, allow_nan=False)


# The format


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
    with pytest.raises(RuntimeError, match="solution"):
        FORMAT.score(version, ["SELECT 1"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"solution": "SELECT c FROM t"}, "solution"),
        ({"solution": "SELECT a FROM t WHERE a > 9"}, "solution"),
        ({"solution": "DELETE FROM t"}, "solution"),
        ({"schema": "CREATE TABL t (a)"}, "schema"),
        ({"compare": "loosely"}, "compare"),
    ],
)
def test_catalog_check_runs_the_solution(changes, field):
    entry = {"schema": SCHEMA, "solution": "SELECT a FROM t", "compare": "ordered"}
    assert list(FORMAT.faults(entry)) == []
    assert [name for name, _ in FORMAT.faults(entry | changes)] == [field]


def test_worker_script_carries_its_own_policy(client, db):
    response = client.get(reverse("questions:sql_worker"))
    assert response["Content-Type"].startswith("text/javascript")
    assert "'wasm-unsafe-eval'" in response["Content-Security-Policy"]
    assert "unsafe-eval" not in client.get("/")["Content-Security-Policy"]


# What we ship


SHIPPED = {entry["slug"]: entry for entry in catalog_files.read().questions if entry["format"] == FORMAT.name}
# The mistake that each question is about: it must not pass.
TRAPS = {
    "sql-views-per-surface": "SELECT surface, count(*), count(user_id) FROM ad_view WHERE shown_on >= '2026-03-01'"
    " GROUP BY 1",
    "sql-beats-its-parent": "SELECT e.name, p.name, round(e.auc - p.auc, 3) FROM experiment e JOIN experiment p"
    " ON e.id = p.parent_id WHERE e.auc > p.auc ORDER BY 3 DESC, 1",
    "sql-revenue-over-100": "SELECT category, sum(price * quantity) FROM order_line JOIN product p ON p.id = product_id"
    " GROUP BY 1 HAVING sum(price * quantity) > 100 ORDER BY 2 DESC",
    "sql-click-rate-per-surface": "SELECT surface, count(*), count(c.id), round(100.0 * count(c.id) / count(*), 1)"
    " FROM impression i LEFT JOIN click c ON c.impression_id = i.id GROUP BY 1",
    "sql-top-two-runs-per-task": "SELECT task, model, accuracy FROM (SELECT *, dense_rank() OVER (PARTITION BY task"
    " ORDER BY accuracy DESC) AS r FROM run WHERE accuracy IS NOT NULL) WHERE r <= 2 ORDER BY 1, 3 DESC, 2",
    "sql-monthly-active-users": "SELECT substr(at, 1, 7) AS m, count(*), count(*) - lag(count(*)) OVER (ORDER BY"
    " substr(at, 1, 7)) FROM event GROUP BY m ORDER BY m",
    "sql-labels-with-nulls": "SELECT batch, count(*), count(label), sum(label <> 'spam'),"
    " round(100.0 * sum(label = 'spam') / count(*), 1) FROM example GROUP BY 1 ORDER BY 1",
    "sql-ordered-funnel": "SELECT count(DISTINCT user_id) FILTER (WHERE kind = 'view'), count(DISTINCT user_id)"
    " FILTER (WHERE kind = 'cart'), count(DISTINCT user_id) FILTER (WHERE kind = 'purchase') FROM event",
    "sql-day-seven-retention": "SELECT signed_up_on, count(*), count(user_id), round(100.0 * count(user_id) / count(*),"
    " 1) FROM app_user LEFT JOIN activity ON user_id = id AND active_on = date(signed_up_on, '+7 days') GROUP BY 1"
    " ORDER BY 1",
    "sql-sessions-from-events": "SELECT user_id, 1, min(at), count(*) FROM event GROUP BY user_id, date(at)"
    " ORDER BY 1, 3",
    "sql-feature-as-of": "SELECT id, (SELECT value FROM feature f WHERE f.user_id = p.user_id AND happened_at < p.at"
    " ORDER BY happened_at DESC LIMIT 1) FROM prediction p ORDER BY id",
}  # fmt: skip


def shipped_version(slug) -> QuestionVersion:
    return QuestionVersion(format=FORMAT.name, answer=FORMAT.content_from(SHIPPED[slug])["answer"])


def test_two_queries_or_more_are_asked_at_every_level():
    levels = [entry["level"] for entry in SHIPPED.values()]
    assert len(levels) >= 9
    assert min(map(levels.count, ("beginner", "intermediate", "advanced"))) >= 2


@pytest.mark.parametrize("slug", SHIPPED)
def test_solution_that_we_ship_scores_and_its_trap_does_not(slug):
    version = shipped_version(slug)
    assert FORMAT.score(version, [version.answer["solution"]]).score == 1.0
    trap = FORMAT.score(version, [TRAPS[slug]])
    assert trap.score == 0.0
    assert trap.evidence["error"] is None


@pytest.mark.parametrize("slug", SHIPPED)
def test_prompt_names_the_dialect_and_the_columns(slug):
    assert "SQLite" in SHIPPED[slug]["prompt"]
    assert "Columns:" in SHIPPED[slug]["prompt"]


@pytest.mark.django_db
def test_entry_comes_back_from_the_database_as_it_was():
    catalog = catalog_files.read()
    catalog_loading.load(catalog, now=timezone.now())
    versions = QuestionVersion.objects.published().with_content().filter(question__slug__in=SHIPPED)
    for version in versions:
        entry = catalog_files.entry_of(version)
        assert entry == SHIPPED[version.question.slug]
        assert list(entry)[-5:] == ["schema", "solution", "compare", "model_answer", "references"]
