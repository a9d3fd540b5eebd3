from django import forms
from django.http import QueryDict


class PracticeForm(forms.Form):
    """`question`: the ids of the questions to practise, repeated; unknown ones are left out later."""

    question = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, data: QueryDict):
        super().__init__(data)
        self.fields["question"].choices = [(text, text) for text in data.getlist("question")[:20] if text.isdecimal()]


class SinceForm(forms.Form):
    """Since when: the public id of an earlier report, or of an interview, from its start."""

    earlier = forms.UUIDField(required=False)
    interview = forms.UUIDField(required=False)


class ShareForm(forms.Form):
    days = forms.TypedChoiceField(
        label="The link works for", choices=[(7, "7 days"), (30, "30 days")], coerce=int, initial=7
    )
    shows_name = forms.BooleanField(label="Show my name", required=False)


class TargetForm(forms.Form):
    level = forms.ChoiceField(
        label="My target level",
        choices=[("beginner", "beginner"), ("intermediate", "intermediate"), ("advanced", "advanced")],
    )
