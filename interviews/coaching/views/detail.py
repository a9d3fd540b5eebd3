"""More detail on what a sent review says: asked for from the results, answered in a few words."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from interviews.coaching import notices
from interviews.coaching.models import DetailRequest, Review
from interviews.coaching.views.reviewing import answer_context, logged_page, own_review, question_at
from interviews.sitting.models import Refused

LONGEST_NOTE = 1000
LONGEST_REPLY = 10_000


class DetailForm(forms.Form):
    note = forms.CharField(max_length=LONGEST_NOTE, required=False)


class ReplyForm(forms.Form):
    reply = forms.CharField(
        label="Your reply",
        max_length=LONGEST_REPLY,
        widget=forms.Textarea(attrs={"rows": 6, "class": "comment"}),
        help_text="Markdown and $maths$ work. The marks don't change.",
    )


@require_POST
def ask_detail(request: HttpRequest, public_id: UUID, pk: int, position: int) -> HttpResponse:
    form = DetailForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Not sent. A note can have at most {LONGEST_NOTE:,} characters.")
        return redirect(reverse("interviews:results", args=[public_id]) + f"#result-{position}")
    try:
        with (
            Review.objects.of_candidate(request.user)
            .sent()
            .with_progress()
            .filter(pk=pk)
            .under_lock(public_id) as found
        ):
            question = question_at(found, position)
            asked = DetailRequest.objects.ask(found, question, note=form.cleaned_data["note"], now=request.now)
            notices.detail_asked(asked, now=request.now)
    except Review.DoesNotExist as missing:
        raise Http404 from missing
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"You've asked {found.coach or 'your coach'} for more detail.")
    return redirect(reverse("interviews:results", args=[public_id]) + f"#result-{position}")


@require_http_methods(["GET", "HEAD", "POST"])
def coach_detail(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """The answer, what the review says to it, and what is asked; the POST replies."""
    requests = DetailRequest.objects.for_coach(request.user).of_interview(public_id).with_people()
    asked = get_object_or_404(requests, pk=pk)
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            if asked.respond(form.cleaned_data["reply"], now=request.now):
                notices.detail_given(asked, now=request.now)
                messages.success(request, f"Sent. {asked.review.interview.candidate} can read it next to the answer.")
        return redirect("interviews:coaching")
    review = own_review(request, public_id)
    if review.pk != asked.review_id:
        review = get_object_or_404(
            Review.objects.for_coach(request.user).with_people().with_progress(), pk=asked.review_id
        )
    question = question_at(review, asked.question.position)
    context = answer_context(request, review, question) | {
        "asked": asked,
        "form": form,
        "review": review,
        "interview": review.interview,
        "candidate": review.interview.candidate,
        "is_readonly": True,
    }
    subject = f"answer {question.position}, asked for more detail"
    status = 422 if form.errors else 200
    return logged_page(request, review.interview, "coaching/detail.html", subject, context, status=status)
