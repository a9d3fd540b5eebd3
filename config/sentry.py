"""Errors to Sentry, or to whatever speaks its protocol: only where SENTRY_DSN is set, and nothing that people wrote.

Sentry's own scrubbing goes by names ("password"), and an answer may stand under any name. So `scrub` works the other
way round: an event is made anew from what is known to be ours, and everything else stays here.
"""

import sentry_sdk
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from config.logs import E_MAIL, SPEAK_OF_MACHINES, request_id

ABOUT_THE_PROGRAM = (
    "event_id",
    "timestamp",
    "level",
    "platform",
    "logger",
    "transaction",
    "release",
    "environment",
    "sdk",
)
ABOUT_A_FRAME = ("filename", "module", "function", "lineno", "in_app")
OFF = {"mode": "off"}
# What is left out of this, the SDK collects. `scrub` would drop it; but what is not collected needs no dropping.
COLLECTED = {
    "user_info": False,
    "cookies": OFF,
    "http_headers": {"request": OFF},
    "http_bodies": [],
    "url_query_params": OFF,
    "graphql": {"document": False, "variables": False},
    "gen_ai": {"inputs": False, "outputs": False},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
    "frame_context_lines": 0,
}


def start(dsn: str, **options) -> None:
    sentry_sdk.init(
        dsn,
        data_collection=COLLECTED,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        integrations=[DjangoIntegration(transaction_style="function_name"), LoggingIntegration(level=None)],
        before_send=scrub,
        **options,
    )


def scrub(event: dict, hint: dict) -> dict:
    """What went wrong, where in our code, and in which request; the log has the rest under the same id."""
    kept = {name: event[name] for name in ABOUT_THE_PROGRAM if name in event}
    kept["tags"] = {"request_id": request_id.get()}
    if "logentry" in event:  # the text as our code has it, without what was filled in
        kept["logentry"] = {"message": event["logentry"].get("message", "")}
    if "exception" in event:
        values = event["exception"]["values"]
        spoken = isinstance(hint.get("exc_info", (None, None))[1], SPEAK_OF_MACHINES)
        kept["exception"] = {"values": [exception(one, spoken=spoken and one is values[-1]) for one in values]}
    return kept


def exception(one: dict, *, spoken: bool) -> dict:
    """One exception of a chain. `spoken`: with its message, which in most kinds could quote somebody."""
    frames = one.get("stacktrace", {}).get("frames", [])
    kept = {"type": one["type"], "module": one.get("module")}
    if spoken:
        kept["value"] = E_MAIL.sub("<e-mail>", one["value"])  # a mail server's refusal names the recipient
    return kept | {"stacktrace": {"frames": [{name: frame.get(name) for name in ABOUT_A_FRAME} for frame in frames]}}
