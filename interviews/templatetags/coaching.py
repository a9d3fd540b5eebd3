"""What coaches said, as parts of the results page: the page itself knows nothing of reviews."""

from dataclasses import dataclass

from django import template
from django.urls import reverse

from interviews.coaching.forms.review import AskForm, RatingForm
from interviews.coaching.models import Assignment, Review
from interviews.coaching.review_page import ReviewedAnswer, ScoreRow, reviews_for_candidate
from interviews.sitting.models import InterviewQuestion

register = template.Library()


@dataclass(frozen=True, slots=True)
class Said:
    """What sent reviews say to one answer. `is_complete`: one of them marked every point, so nothing is given away."""

    answers: list[ReviewedAnswer]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Room:
    """Where somebody works for others; `text`: what waits there."""

    title: str
    path: str
    text: str = ""


@register.inclusion_tag("coaching/_own_work.html", takes_context=True)
def own_work(context: template.Context, *, is_first) -> dict:
    """On home, to coaches, curators and administrators; nothing to anybody else. `is_first`: they sit no interviews."""
    user, rooms = context["user"], []
    if user.is_coach:
        waiting = Review.objects.for_coach(user).awaiting_review().count()
        said = f"{waiting} review{'' if waiting == 1 else 's'} waiting" if waiting else "nothing waiting"
        rooms += [
            Room("Reviews", reverse("interviews:coaching"), said),
            Room("Your candidates", reverse("interviews:candidates")),
        ]
    if user.is_staff:
        rooms += (
            [Room("Questions", reverse("admin:app_list", args=["questions"]))]
            if user.has_module_perms("questions")
            else []
        )
        rooms += [Room("Administration", reverse("admin:index"))]
    return {"rooms": rooms, "is_first": bool(is_first)}


@register.simple_tag
def said_about(question: InterviewQuestion) -> Said:
    """The question comes with its interview and, by `for_results`, with what its result shows."""
    sent = [review for review in reviews_for_candidate(question.interview) if review.is_sent]
    said = [
        ReviewedAnswer(question, review.answers_by_question[question.pk], review, may_be_appealed=review is sent[0])
        for review in sent
        if question.pk in review.answers_by_question
    ]
    return Said([one for one in said if one.has_content], any(one.said.is_complete for one in said))


@register.inclusion_tag("coaching/_sent_reviews.html", takes_context=True)
def sent_reviews(context: template.Context) -> dict:
    """On the results page. `rating_form` in its context: a review's id and what is wrong with its rating."""
    interview = context["interview"]
    sent = [review for review in reviews_for_candidate(interview) if review.is_sent]
    return {
        "interview": interview,
        "csrf_token": context["csrf_token"],
        "sent_reviews": with_rating_forms(sent, context.get("rating_form")),
        "score_rows": [ScoreRow(item["question"]) for item in context["results"]],
    }


@register.inclusion_tag("coaching/_asking.html", takes_context=True)
def asking(context: template.Context) -> dict:
    """On the results page, to whom it belongs. `ask_form` in its context: what is wrong with what was asked."""
    interview = context["interview"]
    reviews = reviews_for_candidate(interview)
    coaches = interview.coaches()
    is_assigned = hasattr(interview, "assignment")
    assignment = (
        Assignment.objects.in_force().with_people().filter(interview=interview).first() if is_assigned else None
    )
    return {
        "interview": interview,
        "csrf_token": context["csrf_token"],
        "newest_review": reviews[0] if reviews else None,
        "assignment": assignment,
        "assigner_reads": bool(assignment) and assignment.coach in coaches,
        "ask_form": context.get("ask_form") or AskForm(coaches=coaches),
    }


def with_rating_forms(reviews: list[Review], posted: tuple[int, RatingForm] | None) -> list[tuple]:
    """(review, the form to rate it)."""
    given = {review.pk: {"rating": review.rating, "comment": review.rating_comment} for review in reviews}
    forms = {pk: RatingForm(initial=initial) for pk, initial in given.items()} | dict([posted] if posted else [])
    return [(review, forms[review.pk]) for review in reviews]
