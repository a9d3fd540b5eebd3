"""What `check_catalog` says of a bank whose entries are right one by one."""

from questions import formats
from questions.catalog_style import warnings


def entry(slug, **fields):
    plain = {"slug": slug, "status": "published", "level": "beginner", "category": "theory", "topics": ["evaluation"]}
    return plain | {"title": slug, "prompt": "How many?", "limit_seconds": 60, "model_answer": "Five."} | fields


def numeric(slug, check, prompt="How many?", value=5.0):
    answer = {"value": value, "tolerance": 0.1, "unit": "%"}
    return entry(slug, format="numeric", answer=answer, check=check, prompt=prompt)


def choice(slug, right):
    options = [{"text": str(place), "right": place < right, "why": ""} for place in range(5)]
    return entry(slug, format="multiple_choice", options=options)


def said(*questions, tracks=({"sections": [{"count": 1}]},)):
    return [f"{slug}: {why}" for slug, why in warnings(questions, tracks)]


def test_faults_of_the_audit_are_warned_of():
    assert said(entry("a", format="free_text", model_answer="It belongs into an own file.")) == [
        "a: “an own” is not English",
        "a: “belongs into” is not English",
    ]
    long = entry("a", format="free_text", model_answer="word " * 46)
    assert said(long | {"follow_ups": [long]}) == [
        "a: follow_ups[1].model_answer: 46 words, at most 45 can be written in 60 seconds (45 a minute)"
    ]
    printed = numeric("a", "5", prompt="$0.95^{1}= 0.95$, and $n = 5$.")
    assert list(formats.get("numeric").warnings(printed)) == [("prompt", "prints the answer, 0.95")]
    assert said(numeric("a", "1 + 4"), numeric("b", "1+4"), numeric("c", "2 + 3")) == ["b: computes what a computes"]
    assert said(*(choice(f"c{place}", 3) for place in range(11))) == ["multiple_choice: 11 of 11 have 3 right options"]
    assert said(*(choice(f"c{place}", 1 + place % 4) for place in range(12))) == []
    hard_only = ({"sections": [{"count": 1, "levels": ["advanced"]}]},)
    assert said(choice("a", 2), tracks=hard_only) == ["a: is in no track"]
