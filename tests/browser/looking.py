"""Looking at a screen as axe and a ruler do: both themes, a desktop, a phone and the narrowest phone."""

from collections.abc import Sequence

from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import User
from tests.browser.conftest import axe_violations

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"
# What depends on the theme or on the width; the other rules read the same document each time.
COLOUR_AND_SIZE = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
LOOKS = [("light", 1280, ()), ("dark", 390, ()), ("dark", 1280, COLOUR_AND_SIZE), ("light", 390, COLOUR_AND_SIZE)]
GLANCES = LOOKS[:2]  # for pages made of parts that other tests look at closely
IS_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# At 320 px and then with WCAG's text spacing: what is wider than the screen or than its own box, and what is too
# small for a finger.
NARROW = """() => {
  const found = [];
  const isShown = (part) => part.checkVisibility({ visibilityProperty: true });
  const measure = (when) => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`${when}: the page is ${scrollWidth} px wide`);
    for (const part of document.querySelectorAll(".button, .segment, .pill, .choice")) {
      if (isShown(part) && part.scrollWidth > part.clientWidth + 1) found.push(`${when}: cut off: ${part.outerHTML}`);
    }
  };
  measure("plain");
  for (const part of document.querySelectorAll(".button, .choice, .segment")) {
    const { width, height } = part.getBoundingClientRect();
    if (isShown(part) && Math.min(width, height) < 43.5) found.push(`smaller than 44 px: ${part.outerHTML}`);
  }
  const spacing = new CSSStyleSheet();
  spacing.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [spacing];
  measure("with text spacing");
  document.adoptedStyleSheets = [];
  return found;
}"""


def looked_at(page: Page, *, within: str = "html", looks: Sequence = LOOKS) -> list[str]:
    """axe's findings in both themes, on a desktop and on a phone, and what is wrong at 320 px."""
    found = []
    for theme, width, rules in looks:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        resize(page, width)
        found += [f"{theme} {width}: {violation}" for violation in axe_violations(page, *rules, within=within)]
        if page.evaluate(IS_TOO_WIDE):
            found.append(f"{width}: the page is wider")
    resize(page, 320)
    return found + page.evaluate(NARROW)


def resize(page: Page, width: int) -> None:
    """Returns when the page has laid itself out anew."""
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def look_at_each(page: Page, home: str, *screens: tuple, within: str = "html", looks: Sequence = LOOKS) -> None:
    """Each screen: the name of its address, and what the address is made of. None may lead elsewhere."""
    for name, *arguments in screens:
        path = reverse(name, args=arguments)
        response = page.goto(home + path)
        assert (response.status, page.url) == (200, home + path), name
        assert looked_at(page, within=within, looks=looks) == [], path


def enter(page: Page, home: str, person: User) -> None:
    """Logged in without the log-in page."""
    client = Client()
    client.force_login(person)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": home}])
