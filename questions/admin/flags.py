"""The queue of reported problems. Curators see what was reported and answer it; who reported it is not shown."""

from django import forms
from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html

from questions.models import MAX_COMMENT, QuestionFlag


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("answered", "Answered"), ("all", "All")]

    def choices(self, changelist):
        waiting, *others = super().choices(changelist)
        return [waiting | {"display": "Open"}, *others]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        return queryset.answered() if self.value() == "answered" else queryset.open()


class AnswerForm(forms.ModelForm):
    answer = forms.CharField(
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Plain text. The person who reported it sees this.",
    )


@admin.register(QuestionFlag)
class QuestionFlagAdmin(admin.ModelAdmin):
    form = AnswerForm
    list_display = ["about", "reason", "beginning", "created_at", "state"]
    list_filter = [StateFilter, "reason"]
    list_select_related = ["version__question"]
    list_per_page = 50
    search_fields = ["question__slug", "version__title", "comment"]
    show_full_result_count = False
    ordering = ["created_at"]
    fields = ["version_link", "reason", "said", "created_at", "answer", "answered_at", "answered_by"]
    readonly_fields = ["version_link", "reason", "said", "created_at", "answered_at", "answered_by"]
    actions = None

    class Media:
        css = {"all": ["css/admin.css"]}

    def lookup_allowed(self, lookup, value, request=None):
        """An address of the list must not answer who reported, either."""
        return not lookup.startswith("reporter") and super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="question", ordering="question__slug")
    def about(self, flag):
        return str(flag.version)

    @admin.display(description="comment")
    def beginning(self, flag):
        return flag.comment[:120]

    @admin.display(ordering="answered_at")
    def state(self, flag):
        return "Open" if flag.is_open else "Answered"

    @admin.display(description="comment")
    def said(self, flag):
        return format_html('<div class="plain-text">{}</div>', flag.comment or "No comment.")

    @admin.display(description="question")
    def version_link(self, flag):
        url = reverse("admin:questions_questionversion_change", args=[flag.version_id])
        return format_html('<a href="{}">{}</a>', url, str(flag.version))

    def save_model(self, request, obj, form, change):
        if "answer" in form.changed_data:
            obj.respond(form.cleaned_data["answer"].replace("\r\n", "\n"), by=request.user, now=request.now)
            self.message_user(
                request,
                "Answered. The person who reported it will see your reply with their results.",
                messages.SUCCESS,
            )
