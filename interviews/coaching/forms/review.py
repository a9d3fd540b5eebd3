"""What the pages around a review may send: an invitation, a request, and the autosaved parts of a review."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from accounts.models import CoachGrant
from interviews.coaching.models import Draft
from interviews.coaching.models.review import RATINGS
from interviews.coaching.paragraphs import answer_paragraphs
from interviews.coaching.scorecard import DIMENSIONS, SCORES, VERDICTS
from interviews.sitting.forms import whole_number
from interviews.sitting.models import InterviewQuestion
from interviews.sitting.scoring import AFTER_FOLLOW_UP, MARK_LABELS
from questions.models import Level

LONGEST_QUOTE = 1000
LONGEST_TEXT = 10_000
LONGEST_REASON = 2000
DAMAGED = "This page is out of date. Reload it."
# What somebody lets a coach read who is no cohort's.
SCOPES = [(scope.value, scope.label) for scope in CoachGrant.Scope if scope != CoachGrant.Scope.COHORT]
# The choice of no coach in particular.
WHOEVER = "whoever"


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label="Email address", required=False, help_text="Leave it empty to get a link you can share."
    )
    scope = forms.ChoiceField(label="Can read", choices=SCOPES, widget=forms.RadioSelect, initial=CoachGrant.Scope.ALL)
    interview = forms.ChoiceField(
        label="Which interview", required=False, help_text="Only for a coach who may read one interview."
    )

    def __init__(self, *args, interviews, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["interview"].choices = [
            ("", "Choose one"),
            *((str(one.public_id), f"{one.title}, {one.started_at:%-d %b %Y}") for one in interviews),
        ]

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("scope") == CoachGrant.Scope.ONE:
            if not cleaned.get("interview"):
                self.add_error("interview", "Choose the interview the coach can read.")
        else:
            cleaned["interview"] = None
        return cleaned


class AskForm(forms.Form):
    """`coaches`: whom a live grant lets read this interview."""

    coach = forms.ChoiceField(label="Coach", widget=forms.RadioSelect)
    due_on = forms.DateField(
        label="Wanted by",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "is-number"}),
        help_text="This is only a wish.",
    )

    def __init__(self, *args, coaches, **kwargs):
        super().__init__(*args, **kwargs)
        self.coaches = {str(coach.pk): coach for coach in coaches}
        choices = [(key, str(coach)) for key, coach in self.coaches.items()]
        if len(choices) > 1:
            choices.append((WHOEVER, "Whoever is free first"))
        self.fields["coach"].choices = choices
        if choices:
            self.fields["coach"].initial = choices[0][0]

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on < timezone.localdate():
            raise ValidationError("Choose today or a later day.")
        return due_on

    @property
    def chosen_coach(self):
        return self.coaches.get(self.cleaned_data["coach"])


class AppealForm(forms.Form):
    """`coaches`: whom a live grant lets read this interview; the one who marked first is chosen at first."""

    reason = forms.CharField(
        label="Why the mark should change",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Point to your own words. Only what's in the answer can count.",
    )
    coach = forms.ChoiceField(label="Who marks it again", widget=forms.RadioSelect)

    def __init__(self, *args, coaches, first, **kwargs):
        super().__init__(*args, **kwargs)
        self.coaches = {str(coach.pk): coach for coach in coaches}
        again = " (marked it first)"
        self.fields["coach"].choices = [
            (key, f"{coach}{again if coach == first else ''}") for key, coach in self.coaches.items()
        ]
        if self.coaches:
            self.fields["coach"].initial = str(first.pk) if first in coaches else next(iter(self.coaches))

    @property
    def chosen_coach(self):
        return self.coaches[self.cleaned_data["coach"]]


class RatingForm(forms.Form):
    rating = forms.TypedChoiceField(label="How helpful is this review?", choices=list(RATINGS.items()), coerce=int)
    comment = forms.CharField(
        label="What helped, or would have helped", max_length=LONGEST_REASON, required=False, widget=forms.Textarea
    )


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label="Why can’t you review it?",
        max_length=300,
        help_text="The candidate reads this and can ask someone else.",
    )


# --- autosaved parts: half-finished is fine, impossible is not ----------------------------------------


def answer_draft(data: QueryDict, question: InterviewQuestion) -> Draft:
    """Marks, quotes, misconceptions and comments on one answer. Raises ValidationError."""
    points = [str(point.pk) for point in question.version.rubric_points.all()] if question.is_for_rubric else []
    wrong = [str(one.pk) for one in question.version.misconceptions.all()] if question.is_for_rubric else []
    allowed = [*MARK_LABELS, AFTER_FOLLOW_UP] if points and question.has_answered_follow_up else MARK_LABELS
    picked = _picked(data, {point: f"point-{point}" for point in points}, allowed)
    content = {
        "marks": {point: "partly" if mark == AFTER_FOLLOW_UP else mark for point, mark in picked.items()},
        "after_follow_up": [int(point) for point, mark in picked.items() if mark == AFTER_FOLLOW_UP],
        "quotes": _texts(data, {point: f"quote-{point}" for point in points}, LONGEST_QUOTE),
        "misconceptions": [int(pk) for pk in data.getlist("misconception") if pk in wrong],
        "comments": _texts(data, {key: f"comment-{key}" for key in comment_keys(question)}, LONGEST_TEXT),
    }
    return _draft(data, content)


def comment_keys(question: InterviewQuestion) -> list[str]:
    """Where comments may hang: on each paragraph, and always on the answer as a whole."""
    return [*(one.key for one in answer_paragraphs(question)), "whole"]


def scorecard_draft(data: QueryDict) -> Draft:
    """The scorecard of the session. Raises ValidationError."""
    keys = [dimension.key for dimension in DIMENSIONS]
    scores = _picked(data, {key: f"score-{key}" for key in keys}, {str(score) for score in SCORES})
    content = {
        "scores": {key: int(score) for key, score in scores.items()},
        "quotes": _texts(data, {key: f"quote-{key}" for key in keys}, LONGEST_QUOTE),
        "verdict": _one_of(data, "verdict", VERDICTS),
        "level": _one_of(data, "level", Level.values),
        **{name: _text(data, name, LONGEST_TEXT) for name in ("next_action", "public_notes", "private_notes")},
    }
    return _draft(data, content)


def appeal_draft(data: QueryDict) -> Draft:
    """The second mark of an appealed point. Raises ValidationError."""
    content = {
        "mark": _one_of(data, "mark", MARK_LABELS),
        "explanation": _text(data, "explanation", LONGEST_TEXT),
    }
    return _draft(data, content)


def _draft(data: QueryDict, content: dict) -> Draft:
    page = data.get("page", "")
    if not (0 < len(page) <= 32 and page.isascii() and page.isalnum()):
        raise ValidationError(DAMAGED)
    changes = whole_number(data, "changes") if "changes" in data else 0
    return Draft(content, rev=whole_number(data, "rev"), page=page, changes=changes)


def _one_of(data: QueryDict, name: str, allowed) -> str:
    value = data.get(name, "")
    if value and value not in allowed:
        raise ValidationError(DAMAGED)
    return value


def _text(data: QueryDict, name: str, longest: int) -> str:
    text = data.get(name, "").replace("\r\n", "\n").replace("\0", "")
    if len(text) > longest:
        raise ValidationError(f"Text can have at most {longest:,} characters.")
    return text


def _picked(data: QueryDict, names: dict[str, str], allowed) -> dict[str, str]:
    """Key → value of the radio groups in which something is chosen; `names`: key → the field's name."""
    picked = {key: _one_of(data, name, allowed) for key, name in names.items()}
    return {key: value for key, value in picked.items() if value}


def _texts(data: QueryDict, names: dict[str, str], longest: int) -> dict[str, str]:
    texts = {key: _text(data, name, longest) for key, name in names.items()}
    return {key: text for key, text in texts.items() if text.strip()}
