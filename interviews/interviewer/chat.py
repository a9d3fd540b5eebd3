"""A language model behind OpenAI's chat interface, asked once. Without Django."""

import json
import time
from dataclasses import dataclass

import urllib3

CONNECT_SECONDS = 5
SECONDS = 20  # for the whole of a reply
MOST_BYTES = 200_000  # of a reply to some points with their sentences; more is something else


class ModelAway(Exception):
    """It could not be asked, or took too long. The text holds nothing of what was sent."""


@dataclass(frozen=True)
class Reply:
    """What it said, and the tokens that its service counted; None where it counts none."""

    text: str
    prompt_tokens: int | None = None
    reply_tokens: int | None = None


def ask(messages: list[dict], schema: dict, *, url: str, key: str, model: str) -> Reply:
    """Raises ModelAway. The reply's text is whatever came: nobody has looked at it."""
    asked = {
        "model": model,
        "messages": messages,
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "suggestions", "strict": True, "schema": schema},
        },
    }
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        status, body = _post(url, asked, headers)
    except urllib3.exceptions.HTTPError as error:
        raise ModelAway(f"The language model could not be asked: {type(error).__name__}.") from error
    if status != 200:
        raise ModelAway(f"The language model answered {status}.")
    return _reply(body)


def _post(url: str, asked: dict, headers: dict) -> tuple[int, bytes]:
    end, body = time.monotonic() + SECONDS, bytearray()
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=SECONDS)
    with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
        reply = pool.request("POST", url, json=asked, headers=headers, redirect=False, preload_content=False)
        while piece := reply.read1(65536):  # as it comes: one that comes in drops would have no end otherwise
            body += piece
            if time.monotonic() > end or len(body) > MOST_BYTES:
                reply.close()
                raise ModelAway("The language model's reply took too long, or was too long.")
    return reply.status, bytes(body)


def _reply(body: bytes) -> Reply:
    try:
        said = json.loads(body)
        text, usage = said["choices"][0]["message"]["content"], said.get("usage") or {}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ModelAway("The language model's service answered with no reply.") from error
    if not isinstance(text, str) or not isinstance(usage, dict):
        raise ModelAway("The language model's service answered with no reply.")
    return Reply(text, _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(tokens) -> int | None:
    is_count = isinstance(tokens, int) and not isinstance(tokens, bool) and 0 <= tokens < 10**9
    return tokens if is_count else None
