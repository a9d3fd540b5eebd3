"""Running code and SQL in the page, as a candidate does, and what the score says of it afterwards."""

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interviews.sitting.models import Interview
from interviews.sitting.models.starting import Practice
from tests.browser.conftest import axe_violations, log_in
from tests.factories import CODE_ANSWER, SQL_ANSWER, make_track, make_version

FIRST_LOAD_MS = 90_000  # of Python in the browser, on a busy machine
RULES = {"packages": [], "seconds": 2, "rubric_share": 0.2}
KINDS = {
    "a function": (
        CODE_ANSWER,
        "def double(value):\n    return value",
        "def double(value):\n    return 2 * value",
    ),
    "a class": (
        RULES
        | {
            "starter": "class Stack:\n    ...",
            "solution": "",
            "cases": [
                {"name": "push", "operations": ["s = Stack()", "s.push(1)"], "expected": [None, 1], "shown": True},
                {"name": "twice", "operations": ["s = Stack()", "s.push(1)", "s.push(2)"], "expected": [None, 1, 2]},
            ],
        },
        "class Stack:\n    def push(self, value):\n        return None",
        "class Stack:\n    size = 0\n    def push(self, value):\n        self.size += 1\n        return self.size",
    ),
    "NumPy": (
        RULES
        | {
            "packages": ["numpy"],
            "starter": "import numpy as np",
            "solution": "",
            "cases": [
                {"name": "two", "call": "mean", "arguments": ["np.array([1.0, 2.0])"], "expected": 1.5, "shown": True},
                {"name": "by column", "call": "mean", "arguments": ["np.eye(2)"], "expected": [0.5, 0.5]},
            ],
        },
        "import numpy as np\ndef mean(x):\n    return x.sum(0)",
        "import numpy as np\ndef mean(x):\n    return x.mean(0)",
    ),
    "printing": (
        RULES
        | {
            "starter": "def report(names):\n    ...",
            "solution": "",
            "cases": [
                {"name": "one", "call": "report", "arguments": [["a"]], "prints": "1. a", "shown": True},
                {"name": "two names", "call": "report", "arguments": [["a", "b"]], "prints": "1. a\n2. b"},
            ],
        },
        "def report(names):\n    for name in names:\n        print(name)",
        "def report(names):\n    for place, name in enumerate(names, 1):\n        print(f'{place}. {name}')",
    ),
}


def editor(page):
    return page.locator(".cm-content")


def retype(page, text):
    """All that stands there replaced, without the editor's own indenting."""
    editor(page).click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def state(page):
    return page.locator("[data-run-state]")


def start(page, home, person, *, formats=(), answers=(), plan="track", pace="strict") -> Interview:
    """An interview that asks these in this order, as a mock interview or as a drill."""
    versions = [
        make_version(format=format, topics=("evaluation", f"only-{place}"), limit_seconds=600, answer=answer)
        for place, (format, answer) in enumerate(zip(formats, answers, strict=True))
    ]
    if plan == "track":
        chosen = make_track(count=len(versions), limit_seconds=600 * len(versions))
    else:
        chosen = Practice("A drill", versions)
    interview = Interview.objects.start(
        person, chosen, pace=pace, time_multiplier=Decimal(1), now=timezone.now(), seed=1
    )
    page.goto(f"{home}/interviews/{interview.public_id}/")
    return interview


def self_score(page, card):
    for point in card.locator("fieldset.rubric-point").all():
        point.get_by_role("radio", name="Hit").check()
    card.get_by_role("button", name="Save my score and show the model answer").click()


@pytest.mark.parametrize("plan", ["track", "drill"])
@pytest.mark.parametrize("kind", KINDS)
def test_code_is_run_first_wrong_then_right_and_scored(candidate_page, person, home, worker, kind, plan):
    page = candidate_page
    answer, wrong, right = KINDS[kind]
    start(page, home, person, formats=["code"], answers=[answer], plan=plan)
    expect(page.get_by_role("table", name="Cases you can see")).to_contain_text(answer["cases"][0]["name"])
    assert answer["cases"][1]["name"] not in page.content()
    retype(page, wrong)
    page.get_by_role("button", name="Run").click()
    expect(state(page)).to_have_text("0 of 1 shown case passed.", timeout=FIRST_LOAD_MS)
    expect(page.locator("[data-run-output]")).to_contain_text("Failed")
    assert axe_violations(page) == []
    retype(page, right)
    page.keyboard.press("Control+Enter")
    expect(state(page)).to_have_text("1 of 1 shown case passed.", timeout=FIRST_LOAD_MS)
    page.get_by_role("button", name="Save and finish").click()
    page.wait_for_url("**/results/")
    card = page.locator("#result-1")
    expect(card).to_contain_text("hidden case", timeout=60_000)
    expect(card.locator(".score")).to_contain_text("100%")
    self_score(page, card)
    expect(card).to_contain_text("by you")
    assert axe_violations(page) == []


def test_a_hint_shows_a_hidden_case_that_fails_and_run_checks_it_from_then_on(candidate_page, person, home, worker):
    page = candidate_page
    start(page, home, person, formats=["code"], answers=[CODE_ANSWER], pace="gentle")
    retype(page, "def double(value):\n    return 2 if value == 1 else value")
    page.get_by_role("button", name="Hint").click()
    hinted = page.locator("#hinted-case")
    expect(hinted).to_contain_text("a hidden text", timeout=60_000)
    expect(hinted).to_contain_text("secretsecret")
    page.get_by_role("button", name="Run").click()
    expect(state(page)).to_have_text("1 of 2 shown cases passed.", timeout=FIRST_LOAD_MS)
    assert axe_violations(page) == []


@pytest.mark.parametrize("plan", ["track", "drill"])
def test_a_query_is_run_first_wrong_then_right_and_scored(candidate_page, person, home, worker, plan):
    page = candidate_page
    hidden = "INSERT INTO views VALUES ('feed'), (NULL)"
    answer = SQL_ANSWER | {
        "schema": "CREATE TABLE views (surface TEXT);",
        "states": ["INSERT INTO views VALUES ('feed'), ('feed'), ('search')", hidden],
    }
    start(page, home, person, formats=["sql"], answers=[answer], plan=plan)
    expect(page.get_by_role("table", name="views")).to_contain_text("surface text")
    assert hidden not in page.content()
    retype(page, "SELECT oops FROM views")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("[data-run-output]")).to_contain_text("no such column: oops", timeout=30_000)
    retype(page, answer["solution"])
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-run-output] td.number")).to_have_text(["2", "1"])
    page.get_by_role("button", name="Save and finish").click()
    page.wait_for_url("**/results/")
    card = page.locator("#result-1")
    expect(card).to_contain_text("Also checked on other data", timeout=60_000)
    expect(card.locator(".score")).to_contain_text("100%")


def test_everything_works_by_keyboard_and_stop_is_immediate(candidate_page, person, home):
    page = candidate_page
    start(page, home, person, formats=["code"], answers=[CODE_ANSWER])
    stubborn = "while True:\n        try:\n            while True: pass\n        except BaseException: pass"
    retype(page, f"def double(value):\n    {stubborn}")
    page.keyboard.press("Control+Enter")
    expect(state(page)).to_have_text("Running…", timeout=FIRST_LOAD_MS)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")  # out of the editor, to the case of one's own
    expect(page.get_by_label("Your own case")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text("Stopped.", timeout=1_000)
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    retype(page, CODE_ANSWER["solution"])
    page.get_by_label("Your own case").fill("double([1, 2])")
    page.keyboard.press("Enter")  # runs, and does not hand the answer in
    expect(state(page)).to_have_text("1 of 1 shown case passed.", timeout=FIRST_LOAD_MS)
    expect(page.locator(".case").last).to_contain_text("[1, 2, 1, 2]")
    page.locator("h1").click()
    expect(page.locator(".save-state[id]")).to_contain_text("Saved")


def test_next_question_that_comes_without_a_new_page_runs_too(candidate_page, person, home):
    page = candidate_page
    answers = [CODE_ANSWER, SQL_ANSWER, KINDS["NumPy"][0]]
    start(page, home, person, formats=["code", "sql", "code"], answers=answers, plan="drill")
    retype(page, CODE_ANSWER["solution"])
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("table", name="views")).to_be_visible()
    retype(page, SQL_ANSWER["solution"])
    page.get_by_role("button", name="Run").click()
    expect(page.locator("[data-run-output] td.number")).to_have_text(["2", "1"], timeout=30_000)
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("table", name="Cases you can see")).to_contain_text("two")
    retype(page, KINDS["NumPy"][2])
    page.get_by_role("button", name="Run").click()
    expect(state(page)).to_have_text("1 of 1 shown case passed.", timeout=FIRST_LOAD_MS)
    page.locator("h1").click()
    expect(page.locator(".save-state[id]")).to_contain_text("Saved")


def test_loop_is_ended_with_its_line_and_the_next_run_works(candidate_page, person, home):
    page = candidate_page
    start(page, home, person, formats=["code"], answers=[CODE_ANSWER])
    retype(page, "def double(value):\n    while True:\n        pass")
    page.get_by_role("button", name="Run").click()
    output = page.locator("[data-run-output]")
    expect(output).to_contain_text("Stopped: it took too long (line ", timeout=FIRST_LOAD_MS)
    retype(page, "def double(value:\n    pass")
    page.get_by_role("button", name="Run").click()
    expect(state(page)).to_have_text("Your code did not load.")
    expect(output).to_contain_text("SyntaxError")
    retype(page, "import os\ndef double(value):\n    os._exit(1)")
    page.get_by_role("button", name="Run").click()
    expect(state(page)).to_contain_text("Python ended", timeout=FIRST_LOAD_MS)
    retype(page, CODE_ANSWER["solution"])
    page.get_by_role("button", name="Run").click()
    expect(state(page)).to_have_text("1 of 1 shown case passed.", timeout=FIRST_LOAD_MS)
    page.locator("h1").click()
    expect(page.locator(".save-state[id]")).to_contain_text("Saved")


def test_without_javascript_the_code_is_written_and_runs_when_it_is_handed_in(
    browser, person, home, worker, transactional_db
):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, home, person.email)
    start(page, home, person, formats=["code"], answers=[CODE_ANSWER])
    expect(page.get_by_text("Your code runs when you submit.")).to_be_visible()
    expect(page.get_by_role("button", name="Run")).to_be_hidden()
    expect(page.locator("textarea[name=answer]")).to_have_value(CODE_ANSWER["starter"])
    page.locator("textarea[name=answer]").fill(CODE_ANSWER["solution"])
    page.get_by_role("button", name="Save and finish").click()
    page.wait_for_url("**/results/")
    for _ in range(60):
        if page.locator(".score").count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(page.locator(".score")).to_contain_text("100%")
    context.close()
