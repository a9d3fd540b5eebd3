"""Words kept for reviews, and a preview of what one writes there."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Cohort
from interviews.coaching.models import Snippet
from interviews.coaching.models.snippet import LONGEST, written_often
from interviews.sitting.models import Refused

MOST_PREVIEWED = 10_000


class SnippetForm(forms.Form):
    text = forms.CharField(
        label="Text",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Markdown and $maths$ work.",
    )
    cohort = forms.ModelChoiceField(
        label="For",
        queryset=Cohort.objects.none(),
        required=False,
        empty_label="Only me",
        help_text="Or all its coaches.",
    )

    def __init__(self, *args, coach, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cohort"].queryset = Cohort.objects.of_coach(coach)


@require_http_methods(["GET", "HEAD", "POST"])
def snippets(request: HttpRequest) -> HttpResponse:
    """One's own and one's cohorts'; the POST keeps one more."""
    if not request.user.is_coach:
        raise Http404
    form = SnippetForm(request.POST if request.method == "POST" else None, coach=request.user)
    if form.is_bound and form.is_valid():
        try:
            Snippet.objects.keep(**form.cleaned_data, coach=request.user, now=request.now)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved. Type / while writing a comment to insert it.")
            return redirect("interviews:snippets")
    context = {
        "form": form,
        "snippets": Snippet.objects.for_coach(request.user).select_related("cohort", "coach", "question"),
        "often": written_often(request.user),
    }
    return render(request, "coaching/snippets.html", context, status=422 if form.errors else 200)


@require_POST
def delete_snippet(request: HttpRequest, pk: int) -> HttpResponse:
    """By whoever wrote it."""
    get_object_or_404(request.user.snippets, pk=pk).delete()
    messages.success(request, "Deleted.")
    return redirect("interviews:snippets")


def written(request: HttpRequest) -> str:
    """What stands in the field that `field` names."""
    return request.POST.get(request.POST.get("field", ""), "").replace("\r\n", "\n").replace("\0", "")[:MOST_PREVIEWED]


@require_POST
def keep_snippet(request: HttpRequest) -> HttpResponse:
    """From the page of a review."""
    if not request.user.is_coach:
        raise Http404
    try:
        Snippet.objects.keep(written(request), coach=request.user, now=request.now)
    except Refused as error:
        return render(request, "coaching/_snippet_kept.html", {"refusal": str(error)})
    return render(request, "coaching/_snippet_kept.html")


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """As the candidate will read it."""
    return render(request, "coaching/_preview.html", {"text": written(request)})
