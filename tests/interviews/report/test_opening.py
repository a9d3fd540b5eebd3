"""What the report says first, and the plain counts of subtopics."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from interviews.report import compiling, opening
from interviews.sitting.models import InterviewQuestion
from questions.models import QuestionVersion, Topic
from tests.factories import make_finished_interview, make_topic
from tests.interviews.factories import client_of

NOBODY = ("", [])


@pytest.mark.parametrize(
    ("below", "at", "thin", "said"),
    [
        (("probably", ["A, b", "C"]), NOBODY, ["D"], "You are probably below your target in “A, b” and “C”."),
        (NOBODY, ("very likely", ["A"]), [], "You are very likely at or above your target in “A”."),
        (
            ("very likely or probably", list("ABCDE")),
            ("probably", ["F"]),
            [],
            "You are very likely or probably below your target in “A”, “B”, “C” and 2 more, "
            "and probably at or above it in “F”.",
        ),
        (NOBODY, NOBODY, ["A"], "We can’t tell yet what is strong or weak. Answers on “A” would help most."),
        (NOBODY, NOBODY, [], "No topic is clearly below or above your target. More answers make the ranges narrower."),
    ],
)
def test_the_first_sentence_claims_no_more_than_the_labels(below, at, thin, said):
    assert opening.standing_sentence(below, at, thin) == said


def test_the_second_sentence_is_about_the_chosen_tracks():
    tracks = [("A", "near"), ("B", "below"), ("C", "below")]
    assert opening.tracks_sentence(tracks, ["D"]) == "A looks near your target; B and C look below it."
    assert opening.tracks_sentence([], ["D"]) == "We can’t tell yet how you’d do in D."


@pytest.mark.django_db
def test_a_topic_holds_plain_counts_of_its_subtopics_for_the_candidate_alone(candidate, candidate_client):
    leakage = Topic.objects.create(slug="leakage", name="Leakage", parent=make_topic())
    now = timezone.now()
    make_finished_interview(candidate=candidate, scores=(1, 1, 0, 0, 0, 1, 1, 1), now=now - timedelta(days=1))
    QuestionVersion.objects.update(subtopic=leakage)
    InterviewQuestion.objects.filter(position=8).update(score=0.6)
    compiling.compile_requested(candidate.pk, now=now)
    page = candidate_client.get(reverse("interviews:report_evidence", args=["topic-evaluation"])).content.decode()
    row = page.split('<th scope="row">Leakage</th>')[1].split("</tr>")[0]
    assert [part.split("<")[0] for part in row.split('class="number">')[1:]] == ["4", "1", "3"]
    link = candidate_client.post(reverse("interviews:report_share"), {"days": "7"}).content.decode()
    shared = client_of(candidate).get("/shared/" + link.split("/shared/")[1].split('"')[0]).content.decode()
    assert "Leakage" not in shared
