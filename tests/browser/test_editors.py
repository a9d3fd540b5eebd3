"""The code editor and the trial run of a query, in a real browser under the real content security policy."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import axe_violations, log_in
from tests.factories import SQL_ANSWER, make_interview, question_of


def sit(page, home, person, format):
    interview = make_interview(
        candidate=person, formats=(format, "free_text"), now=timezone.now(), question_seconds=600, limit_seconds=1200
    )
    page.goto(f"{home}/interviews/{interview.public_id}/")
    return interview


@pytest.fixture
def write_sql(candidate_page, person, home):
    interview = sit(candidate_page, home, person, "sql")
    return candidate_page, interview


def editor(page):
    return page.locator(".cm-content")


def leave_saved(page):
    """What is still on its way when a test ends would meet a database that is gone."""
    page.locator("h1").click()
    expect(page.locator(".save-state[id]")).to_contain_text("Saved")


def retype(page, text):
    """As a person replaces all that stands there."""
    editor(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def run(page, query):
    retype(page, query)
    page.get_by_role("button", name="Run").click()
    return page.locator("[data-run-output]")


def test_what_is_typed_into_the_editor_is_saved(write_sql):
    page, interview = write_sql
    editor(page).click()
    page.keyboard.type("SELECT surface\nFROM views")
    expect(page.locator(".save-state[id]")).to_contain_text("Saved")
    assert question_of(interview, 1).answer == ["SELECT surface\nFROM views"]
    page.reload()
    expect(editor(page)).to_contain_text("FROM views")


def test_tab_indents_and_escape_then_tab_leaves(candidate_page, person, home):
    page = candidate_page
    sit(page, home, person, "code")
    retype(page, "def f():\n")
    page.keyboard.press("Tab")
    page.keyboard.type("return 1")
    assert page.locator("textarea[name=answer]").input_value().splitlines()[1].strip() == "return 1"
    assert page.locator("textarea[name=answer]").input_value().splitlines()[1].startswith("    ")
    assert page.evaluate("document.activeElement.className") == "code-editor"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") != "code-editor"
    leave_saved(page)


def test_label_and_shortcut_lead_into_the_editor(write_sql):
    page, _ = write_sql
    expect(editor(page)).to_be_visible()
    page.get_by_text("Your query (SQLite)").click()
    assert page.evaluate("document.activeElement.className") == "code-editor"
    page.locator("h1").click()
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.className") == "code-editor"


def test_run_shows_the_rows_and_leaves_the_score_alone(write_sql):
    page, interview = write_sql
    output = run(page, SQL_ANSWER["solution"])
    expect(output.get_by_role("table")).to_contain_text("feed")
    expect(output.locator("caption")).to_have_text("2 rows")
    expect(output.locator("td.number")).to_have_text(["2", "1"])
    assert question_of(interview, 1).score is None
    assert axe_violations(page) == []
    leave_saved(page)


def test_run_shows_what_is_wrong(write_sql):
    page, _ = write_sql
    expect(run(page, "SELECT surfce FROM views")).to_contain_text("no such column: surfce")
    expect(run(page, "SELECT 1; SELECT 2")).to_contain_text("one statement")
    expect(run(page, "-- later")).to_contain_text("no query")
    expect(run(page, "SELECT NULL, 9223372036854775807")).to_contain_text("NULL9223372036854775807")
    leave_saved(page)


def test_query_without_an_end_is_stopped_and_the_next_one_runs(write_sql):
    page, _ = write_sql
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    run(page, endless)
    expect(page.locator("[data-run-state]")).to_have_text("Stopped after 5 seconds.", timeout=20_000)
    expect(run(page, "SELECT 42").locator("td.number")).to_have_text("42")
    leave_saved(page)


def test_control_enter_runs_and_writes_no_line(write_sql):
    page, _ = write_sql
    retype(page, "SELECT 42")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-run-output] td.number")).to_have_text("42")
    assert page.locator("textarea[name=answer]").input_value() == "SELECT 42"
    leave_saved(page)


def test_query_is_scored_by_the_worker_and_its_result_comes_by_itself(write_sql, worker):
    page, _ = write_sql
    retype(page, "SELECT surface, 1 FROM views GROUP BY surface")
    page.get_by_role("button", name="Save and next").click()
    page.locator("textarea[name=answer]:not([data-editor])").fill("A text.")
    page.get_by_role("button", name="Save and finish").click()
    page.wait_for_url("**/results/")
    card = page.locator("#result-1")
    expect(card.get_by_role("table", name="Your rows")).to_be_visible(timeout=60_000)
    expect(card.get_by_role("table", name="Expected rows")).to_contain_text("2")
    expect(card).to_contain_text("1 row of 2 not among those expected")
    assert card.get_attribute("hx-trigger") is None
    assert axe_violations(page) == []


def test_after_the_bell_the_editor_is_read_only(candidate_page, person, home):
    page = candidate_page
    started = timezone.now() - timedelta(seconds=57)
    interview = make_interview(
        candidate=person, formats=("code", "code"), now=started, question_seconds=60, limit_seconds=300
    )
    page.goto(f"{home}/interviews/{interview.public_id}/")
    retype(page, "before")
    expect(page.locator("textarea[name=answer][readonly]")).to_be_attached(timeout=40_000)
    page.keyboard.type("after")
    assert page.locator("textarea[name=answer]").input_value() == "before"


def test_without_scripts_there_is_a_textarea_and_no_run_button(browser, person, home):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, home, person.email)
    interview = sit(page, home, person, "sql")
    expect(page.get_by_label("Your query (SQLite)")).to_be_visible()
    expect(page.get_by_role("button", name="Run")).to_have_count(0)
    page.get_by_label("Your query (SQLite)").fill("SELECT 1")
    page.locator(".interview-actions").get_by_role("button", name="Save and next").click()
    expect(page.get_by_label("Your query (SQLite)")).to_have_count(0)
    assert question_of(interview, 1).answer == ["SELECT 1"]
    context.close()
