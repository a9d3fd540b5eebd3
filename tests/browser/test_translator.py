"""A browser that translates the page: scripts read data, not what is shown, and code and formulas stay as they are."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from interviews.sitting.models import Interview
from tests.factories import make_interview, make_track, make_version, write

# As Google's does: every text goes into <font><font>, in another language, now and whenever the page changes, apart
# from what says translate="no".
TRANSLATOR = """
(() => {
  const isKept = (node) => node.parentElement?.closest("[translate=no], script, style, textarea, font");
  const translate = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      if (!text.data.trim() || isKept(text)) continue;
      const [outer, inner] = [document.createElement("font"), document.createElement("font")];
      inner.textContent = [...text.data].reverse().join("");
      outer.append(inner);
      text.replaceWith(outer);
    }
  };
  translate(document.body);
  new MutationObserver((changes) => changes.forEach(({ target }) => target.isConnected && translate(target)))
    .observe(document.body, { childList: true, subtree: true, characterData: true });
})();
"""


def translate(page) -> None:
    before = page.locator("h1").inner_text()
    page.evaluate(TRANSLATOR)
    expect(page.locator("h1")).to_have_text(before[::-1])


def open_page(page, home, interview, *, rest: str = "") -> None:
    page.goto(f"{home}/interviews/{interview.public_id}/{rest}")


def test_a_query_still_runs_and_its_rows_are_what_it_gave(candidate_page, person, home):
    page = candidate_page
    interview = make_interview(candidate=person, formats=("sql",), now=timezone.now(), question_seconds=600)
    open_page(page, home, interview)
    translate(page)
    page.locator(".cm-content").click()
    page.keyboard.type("SELECT count(*) + 40, min(surface) FROM views")
    page.locator("[data-run-start]").click()
    expect(page.locator("[data-run-output] td")).to_have_text(["43", "feed"])
    page.locator("h1").click()
    expect(page.locator(".save-state[id]")).to_contain_text("devaS")


PROMPT = """Which of `mean` and $\\frac{ab}{cd}$ is it?

$$
x^{10} = yz
$$

```python
def loss(pred, true):
    return pred
```
"""


def test_code_and_formulas_stay_as_they_are_on_the_page_and_on_the_one_that_comes_in_its_place(
    candidate_page, person, home
):
    page = candidate_page
    for _ in range(2):
        version = make_version(format="numeric", limit_seconds=600, publish=False)
        version.prompt = PROMPT
        version.save()
        version.publish(now=timezone.now())
    track = make_track(count=2, limit_seconds=1200)
    interview = Interview.objects.start(person, track, pace="strict", time_multiplier=1, now=timezone.now(), seed=1)
    open_page(page, home, interview)
    kept = page.locator(".prose").locator("code, .math")
    expect(kept.locator(".katex-mathml")).to_have_count(2)
    before = kept.all_inner_texts()
    assert "def loss(pred, true):\n    return pred\n" in before
    translate(page)
    assert kept.all_inner_texts() == before
    page.locator("#answer-1").fill("1")
    page.locator("button.is-primary").click()
    expect(page.locator("#answer-2")).to_be_visible()
    expect(page.locator(".prose > p").first).to_contain_text("hcihW")
    expect(kept.locator(".katex-mathml")).to_have_count(2)
    assert kept.all_inner_texts() == before


def test_a_replay_shows_what_was_saved(candidate_page, person, home):
    page = candidate_page
    now = timezone.now() - timedelta(hours=1)
    interview = make_interview(candidate=person, formats=("free_text",), now=now)
    write(interview, 1, "It leaks", rev=1, now=now + timedelta(seconds=5))
    write(interview, 1, "It leaks, since the scaler", rev=2, now=now + timedelta(seconds=10))
    whole = "It leaks, since the scaler saw all rows"
    write(interview, 1, whole, rev=3, now=now + timedelta(seconds=15), act="submit_answer")
    open_page(page, home, interview, rest="results/1/replay/")
    translate(page)
    page.locator("#replay-slider").fill("2")
    expect(page.locator("#replay-text")).to_have_text("It leaks, since the scaler")
