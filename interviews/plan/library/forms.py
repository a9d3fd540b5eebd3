from django import forms

from interviews.plan.library.models import QuestionNote
from interviews.plan.library.queries import OWN
from questions import formats
from questions.models import Level, Topic, Track


def topic_choices() -> list:
    """Each topic with its subtopics below it; one of these is written topic/subtopic in the address."""
    topics = {topic.pk: topic for topic in Topic.objects.all()}
    groups = []
    for topic in topics.values():
        if topic.parent_id is None:
            below = [one for one in topics.values() if one.parent_id == topic.pk]
            choices = [(topic.slug, f"All of {topic.name}")]
            groups.append((topic.name, choices + [(f"{topic.slug}/{one.slug}", one.name) for one in below]))
    return [("", "Any topic"), *groups]


class LibraryForm(forms.Form):
    """What is looked for, as the address says it. A filter that makes no sense is named, and filters nothing."""

    text = forms.CharField(label="Search", max_length=200, required=False)
    topic = forms.ChoiceField(label="Topic", required=False)
    level = forms.ChoiceField(label="Level", choices=[("", "Any level"), *Level.choices], required=False)
    format = forms.ChoiceField(label="Format", required=False)
    track = forms.ChoiceField(label="Track", required=False)
    own = forms.ChoiceField(label="Mine", choices=[("", "All questions"), *OWN], required=False)

    def __init__(self, data):
        super().__init__(data)
        self.tracks = {track.slug: track for track in Track.objects.active().with_sections()}
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
