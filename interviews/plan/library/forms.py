from collections import defaultdict

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.composed import composed
from interviews.plan.library.models import QuestionNote
from interviews.plan.library.queries import OWN
from questions import formats
from questions.models import Level, Topic, Track

SELECTED = SafeString(" selected")


class PlainSelect(forms.Select):
    """Django fills in a template for each option; with a hundred topics that took longer than all else on the page."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        chosen = str(value or "")

        def options(choices) -> SafeString:
            rows = ((key, SELECTED if key == chosen else "", text) for key, text in choices)
            return format_html_join("", '<option value="{}"{}>{}</option>', rows)

        drawn = [
            format_html('<optgroup label="{}">{}</optgroup>', key, options(text))
            if isinstance(text, list)
            else options([(key, text)])
            for key, text in self.choices
        ]
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name} | (attrs or {})))
        return format_html("<select{}>{}</select>", attributes, format_html_join("", "{}", ((one,) for one in drawn)))


@composed
def topic_rows():
    return Topic.objects.values_list("pk", "parent", "slug", "name")


def topic_choices() -> list:
    """Each topic with its subtopics below it; one of these is written topic/subtopic in the address."""
    topics, below = [], defaultdict(list)
    for pk, parent, slug, name in topic_rows():
        if parent is None:
            topics.append((pk, slug, name))
        else:
            below[parent].append((slug, name))
    groups = [
        (name, [(slug, f"All of {name}"), *((f"{slug}/{part}", title) for part, title in below[pk])])
        for pk, slug, name in topics
    ]
    return [("", "Any topic"), *groups]


class LibraryForm(forms.Form):
    """What is looked for, as the address says it. A filter that makes no sense is named, and filters nothing."""

    text = forms.CharField(label="Search", max_length=200, required=False)
    topic = forms.ChoiceField(label="Topic", required=False, widget=PlainSelect)
    level = forms.ChoiceField(
        label="Level", choices=[("", "Any level"), *Level.choices], required=False, widget=PlainSelect
    )
    format = forms.ChoiceField(label="Format", required=False, widget=PlainSelect)
    track = forms.ChoiceField(label="Track", required=False, widget=PlainSelect)
    own = forms.ChoiceField(label="Mine", choices=[("", "All questions"), *OWN], required=False, widget=PlainSelect)

    def __init__(self, data):
        super().__init__(data)
        self.tracks = {track.slug: track for track in Track.objects.active()}
        self.fields["topic"].choices = topic_choices()
        self.fields["format"].choices = [("", "Any format"), *((one.name, one.label) for one in formats.all())]
        self.fields["track"].choices = [("", "Any track"), *((slug, str(one)) for slug, one in self.tracks.items())]
        self.fields["text"].widget.input_type = "search"
        self.fields["text"].widget.attrs["placeholder"] = "Words, or a “phrase”"

    @property
    def wanted(self) -> dict:
        """The filters that are set: keyword arguments of `queries.found`."""
        self.full_clean()
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        return wanted | {"track": self.tracks[wanted["track"]]} if "track" in wanted else wanted


class NoteForm(forms.Form):
    """`base`: the revision of the note that the text grew from."""

    text = forms.CharField(
        label="Your notes",
        max_length=QuestionNote.MAX_CHARACTERS,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "is-short"}),
    )
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        return self.cleaned_data["text"].replace("\r\n", "\n").strip()
