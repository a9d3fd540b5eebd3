// What every page needs around htmx: the CSRF token, spoken news, focus after a swap, a lost log-in.
(() => {
  const say = (region, text) => {
    const node = document.getElementById(region);
    node.textContent = "";
    // The same words twice are two pieces of news: a reader only speaks what changes.
    setTimeout(() => { node.textContent = text; }, 50);
  };

  document.addEventListener("holdout:say", ({ detail }) => say(detail.region, detail.text));

  // The cookie of this moment, not the token of the page: a log-in in another tab has changed it.
  document.addEventListener("htmx:configRequest", (event) => {
    const [, token] = /(?:^|; )(?:__Host-)?csrftoken=([^;]*)/.exec(document.cookie) ?? [];
    if (!token) return;
    event.detail.headers["X-CSRFToken"] = token;
    delete event.detail.parameters.csrfmiddlewaretoken;
  });

  // A region with data-title is a whole screen: it names the page, takes the focus and says where we are.
  document.addEventListener("htmx:afterSettle", ({ target: region }) => {
    letScrollersBeReached();
    if (!region.matches?.("[data-title]")) return;
    document.title = region.dataset.title;
    if (region.dataset.say) say("status", region.dataset.say);
    const mistake = region.querySelector("[aria-invalid='true']");
    const target = mistake ?? region.querySelector("[autofocus]") ?? region.querySelector("h1[tabindex='-1']");
    target?.focus({ preventScroll: !mistake });
    if (!mistake) window.scrollTo(0, 0);
  });

  // Inside an interview the typed text is worth more than the log-in: there static/js/sitting/answer.js answers.
  const isInterview = () => document.querySelector(".interview") !== null;
  document.addEventListener("holdout:signed-out", () => {
    if (isInterview()) return;
    const here = location.pathname + location.search;
    location.assign(`${document.documentElement.dataset.loginUrl}?next=${encodeURIComponent(here)}`);
  });
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(failure, ({ detail }) => {
      // An answer with news of its own has said what is wrong.
      if (isInterview() || detail.xhr?.getResponseHeader("HX-Trigger")) return;
      say("alert", "We couldn't reach Holdout. Nothing was lost. Try again.");
    });
  }
  document.addEventListener("htmx:beforeRequest", () => {
    if (!isInterview()) document.getElementById("alert").textContent = "";
  });

  // What an interview or a review keeps on this device goes with the person; what the server has not got yet, only if
  // they say so.
  document.addEventListener("submit", (event) => {
    if (!event.target.getAttribute("action")?.includes("/accounts/logout/")) return;
    try {
      const kept = Object.keys(localStorage).filter((key) => key.startsWith("holdout:"));
      if (kept.some(isUnsent) && !confirm("Some text on this device hasn't been sent yet. Log out and lose it?")) {
        return event.preventDefault();
      }
      for (const key of kept) localStorage.removeItem(key);
    } catch { /* this device keeps nothing */ }
    indexedDB.deleteDatabase("holdout"); // recordings (static/js/speech/takes.js)
  });
  const isUnsent = (key) => !localStorage.getItem(key).includes('"isSent":true');

  // Whatever scrolls sideways must be reachable with the keyboard.
  function letScrollersBeReached() {
    for (const box of document.querySelectorAll("pre, .table-scroll, .prose table, div.math")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }
  letScrollersBeReached();
  window.addEventListener("resize", letScrollersBeReached);
  document.addEventListener("holdout:drawn", letScrollersBeReached);
})();
