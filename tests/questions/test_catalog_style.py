"""What `check_catalog` says of a bank whose entries are right one by one."""

import re

import pytest
from django.core.management import call_command

from questions import formats
from questions.catalog_style import warnings
from tests.questions.test_catalog import QUESTIONS, write


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


@pytest.mark.django_db
def test_warnings_are_counted_and_listed_on_demand(tmp_path, capsys):
    folder = tmp_path
    write(folder, questions=QUESTIONS)
    call_command("check_catalog", folder)
    assert "warnings, listed with --warnings" in capsys.readouterr().out
    call_command("check_catalog", folder, "--warnings")
    said = capsys.readouterr().out
    assert "warning: roc-auc: rubric[2]: 0 of at least 2 paraphrases" in said
    assert "warning: roc-auc-chance: rubric" not in said
    assert "roc-auc: model_answer" not in said
    long = "  model_answer: |\n    " + 300 * "word "
    write(folder, questions=QUESTIONS.replace("  model_answer: |", long, 1))
    call_command("check_catalog", folder, "--warnings")
    assert re.search(r"roc-auc: model_answer: 3\d\d words, at most \d+ can be written", capsys.readouterr().out)
