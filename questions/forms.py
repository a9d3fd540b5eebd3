from django import forms

from questions.models import MAX_COMMENT, QuestionFlag, QuestionVersion


class FlagForm(forms.Form):
    reason = forms.ChoiceField(label="What is wrong?", choices=[("", "Choose…"), *QuestionFlag.Reason.choices])
    comment = forms.CharField(
        label="What exactly?", max_length=MAX_COMMENT, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, version: QuestionVersion, **kwargs):
        # A results page holds the forms of many questions.
        super().__init__(*args, auto_id=f"flag-{version.pk}-%s", **kwargs)

    def clean_comment(self) -> str:
        return self.cleaned_data["comment"].replace("\r\n", "\n")

    def clean(self) -> None:
        if self.cleaned_data.get("reason") == QuestionFlag.Reason.OTHER and not self.cleaned_data.get("comment"):
            self.add_error("comment", "Please say what it is.")
