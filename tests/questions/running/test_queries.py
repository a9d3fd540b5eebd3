"""What a candidate's query may do, what it may cost, and when it is right."""

import json

import pytest

from questions.running import sandbox
from questions.running.drawing import drawn
from questions.running.tables import asks_for_order, error_in, first_difference, shown

SCHEMA = "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, 'y');"
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"


@pytest.fixture(autouse=True)
def short_patience(monkeypatch) -> None:
    """A query without an end is ended from outside alone: how soon is no part of what these tests show."""
    monkeypatch.setattr(sandbox, "SQL_SECONDS", 1)
    monkeypatch.setattr(sandbox, "OUTSIDE_SECONDS", 0.5)


def run(query, schema=SCHEMA, is_reversed=False):
    return sandbox.run_queries([{"script": schema, "is_reversed": is_reversed}], [query])[0][0]


def refusal(query, schema=SCHEMA) -> str:
    found = run(query, schema)
    assert "rows" not in found, found
    return error_in(found)


# The sandbox


def test_query_gives_its_columns_and_rows_with_their_types():
    table = run("SELECT a, b, a / 2.0 AS half, x'00ff' AS raw FROM t ORDER BY a LIMIT 2")
    assert table["columns"] == ["a", "b", "half", "raw"]
    assert table["rows"] == [[1, "x", 0.5, {"blob": "00ff"}], [2, None, 1.0, {"blob": "00ff"}]]


@pytest.mark.parametrize(
    "query", ["SELECT 1;", "SELECT 1; -- done", "/* one */ SELECT 1", "WITH c AS (SELECT 1) SELECT * FROM c"]
)
def test_one_statement_with_comments_and_semicolon_is_one_statement(query):
    assert run(query)["rows"] == [[1]]


@pytest.mark.parametrize(
    "query",
    [
        f"{ENDLESS} SELECT count(*) FROM n",
        f"{ENDLESS} SELECT group_concat(x) FROM n",
        f"{ENDLESS.replace('FROM n', 'FROM n LIMIT 100000')} SELECT count(*) FROM n AS a, n AS b, n AS c",
    ],
)
def test_query_without_an_end_is_stopped_and_says_so(query):
    assert "Stopped after 2 seconds" in refusal(query)


def test_after_a_query_that_had_to_be_ended_the_next_still_runs():
    state = {"script": SCHEMA, "is_reversed": False}
    queries = [f"{ENDLESS} SELECT count(*) FROM n", "SELECT 1"]
    endless, fine = sandbox.run_queries([state, state], queries)
    assert endless == [{"ended": "time"}] * 2
    assert [table["rows"] for table in fine] == [[[1]], [[1]]]


@pytest.mark.parametrize("query", [f"{ENDLESS} SELECT x FROM n", "SELECT 1 FROM t a, t b, t c, t d, t e, t f, t g"])
def test_too_many_rows_are_refused(query):
    assert "more than 1,000 rows" in refusal(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT zeroblob(1000000000)",
        "SELECT hex(hex(randomblob(400000)))",
        "SELECT replace(hex(zeroblob(400000)), '0', 'aa')",
    ],
)
def test_huge_value_is_refused(query):
    assert "memory" in refusal(query) or "500,000" in refusal(query)


def test_rows_that_are_huge_together_are_refused():
    assert "500,000" in refusal(f"{ENDLESS.replace('FROM n', 'FROM n LIMIT 50')} SELECT hex(zeroblob(40000)) FROM n")


def test_query_that_fills_the_memory_is_stopped():
    query = "WITH RECURSIVE n(x) AS (SELECT randomblob(90000) UNION ALL SELECT randomblob(90000) FROM n)"
    assert "memory" in refusal(f"{query} SELECT * FROM n ORDER BY x")


@pytest.mark.parametrize(
    "query",
    [
        "ATTACH 'other.db' AS other",
        "VACUUM INTO 'copy.db'",
        "PRAGMA query_only = OFF",
        "SELECT load_extension('evil')",
        "DELETE FROM t",
        "INSERT INTO t VALUES (4, 'z') RETURNING a",
        "UPDATE t SET a = 0",
        "DROP TABLE t",
        "CREATE TABLE u (a)",
        "CREATE VIRTUAL TABLE u USING fts5(a)",
        "BEGIN",
    ],
)
def test_whatever_does_not_read_is_refused(query):
    assert refusal(query)


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
        (f"SELECT {'(' * 3000}1{')' * 3000}", "SQLite says"),
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


def test_integers_that_no_double_holds_arrive_whole():
    assert run("SELECT 9007199254740993, 9e999")["rows"] == [[{"integer": "9007199254740993"}, {"real": "Infinity"}]]


def test_what_nobody_sees_in_a_copied_query_is_read_as_what_was_meant():
    query = "SELECT\u00a0a\u200b FROM t WHERE b = \u2018x\u2019 -- \u2018its\u2019 own"
    assert run(query)["rows"] == [[1]]
    assert run("SELECT '\u00a0\u201c' AS kept")["rows"] == [["\u00a0\u201c"]]


def test_faulty_script_is_told_from_a_faulty_query():
    assert run("SELECT 1", "CREATE TABL t (a)")["is_script"] is True
    assert run("SELEC 1")["is_script"] is False


def test_reversed_state_turns_round_what_is_left_to_chance():
    assert run("SELECT a FROM t", is_reversed=True)["rows"] == [[3], [2], [1]]
    assert run("SELECT a FROM t ORDER BY a", is_reversed=True)["rows"] == [[1], [2], [3]]


@pytest.mark.parametrize(
    ("query", "asks"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("select a from t order\n  by 1", True),
        ("WITH c AS (SELECT 1) SELECT * FROM c ORDER BY 1", True),
        ("SELECT 1 UNION SELECT 2 ORDER BY 1", True),
        ("SELECT * FROM (SELECT a FROM t ORDER BY a)", False),
        ("SELECT row_number() OVER (ORDER BY a) FROM t", False),
        ("SELECT a FROM t -- ORDER BY a", False),
        ("SELECT 'ORDER BY' FROM t", False),
        ("SELECT a /* ORDER BY */ FROM t", False),
        ("SELECT a FROM t ORDER /* newest first */ BY a", True),
        ("SELECT a FROM t ORDER -- newest first\nBY a", True),
        ("SELECT a FROM t OR\u200bDER BY a", True),
        ("SELECT a AS [order by] FROM t", False),
        ("SELECT a AS `order by` FROM t", False),
        ("SELECT a FROM t /* ORDER BY a", False),
    ],
)
def test_order_is_asked_for_outside_all_parentheses_only(query, asks):
    assert asks_for_order(query) is asks


def test_tables_are_drawn_with_types_keys_and_rows():
    script = (
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE child (id INTEGER, parent_id INTEGER REFERENCES parent);"
        "INSERT INTO parent VALUES (1, 'a'), (2, NULL);"
    )
    parent, child = drawn(script)
    assert [(column.name, column.type, column.key) for column in parent.columns] == [
        ("id", "INTEGER", "key"),
        ("name", "TEXT", ""),
    ]
    assert parent.rows == ((1, "a"), (2, None))
    assert child.columns[1].key == "→ parent"
    assert drawn("CREATE TABL t") == ()
    assert drawn(f"CREATE TABLE t (a); INSERT INTO t {ENDLESS} SELECT x FROM n") == ()


# When a query is right


def table(*rows, columns=("a", "b")):
    return {"columns": list(columns), "rows": [list(row) for row in rows]}


def differs(own, expected, is_ordered=False):
    return first_difference(own, expected, is_ordered=is_ordered)


def test_order_of_rows_counts_only_where_it_is_asked_for():
    assert differs(table((1, "x"), (2, "y")), table((2, "y"), (1, "x"))) is None
    assert "but their order isn’t" in differs(table((1, "x"), (2, "y")), table((2, "y"), (1, "x")), is_ordered=True)


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
    assert "expected 2: a, b" in differs({"columns": ["a"], "rows": [[1]]}, table((1, "x")))
    assert differs(table(("x", 1)), table((1, "x"))) is not None


def test_difference_says_where_to_look():
    assert differs(table((1, "x")), table((1, "x"), (2, "y"))) == "1 row; expected 2."
    assert "Row 2" in differs(table((1, "x"), (3, "y")), table((1, "x"), (2, "y")), is_ordered=True)
    assert "1 row of 2" in differs(table((1, "x"), (3, "y")), table((1, "x"), (2, "y")))
    assert "types" in differs(table(("1", "x")), table((1, "x")))


def test_kept_rows_are_bounded_and_storable():
    kept = shown(table(["x" * 1000], [{"real": "Infinity"}], ["a\0b"], [{"blob": "00"}], *([[1]] * 100), columns=["a"]))
    assert len(kept["rows"]) == 50
    assert kept["row_count"] == 104
    assert len(kept["rows"][0][0]) == 201
    assert "\\u0000" not in json.dumps(kept, allow_nan=False)
