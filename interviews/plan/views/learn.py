"""What a visitor can read before signing up."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from interviews.plan.samples import sample_questions
from interviews.report.statistics.weakness import MIN_COUNTED_ANSWERS
from questions.models import QuestionVersion, Topic, Track


@login_not_required
@require_safe
def learn(request: HttpRequest) -> HttpResponse:
    samples = sample_questions().select_related("question").prefetch_related("topic_links__topic")
    context = {
        "samples": sorted(samples, key=lambda version: (version.primary_topic.position, version.title)),
        "tracks": Track.objects.active().with_sections(),
        "topics": Topic.objects.top_level().prefetch_related("subtopics"),
        "question_count": QuestionVersion.objects.published().count(),
        "needed": MIN_COUNTED_ANSWERS,
    }
    return render(request, "plan/learn.html", context)


@login_not_required
@require_safe
def learn_question(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the samples with its answer; 404 for every other question."""
    version = get_object_or_404(sample_questions().with_content(), question__slug=slug)
    return render(request, "plan/learn_question.html", {"version": version})
