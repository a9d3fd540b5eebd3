"""By what a curator narrows the list of versions down."""

from django.contrib import admin

from questions import formats
from questions.models import QuestionFlag, Topic
from questions.statistics import Flag


class VersionsFilter(admin.SimpleListFilter):
    title = "versions"
    parameter_name = "versions"

    def lookups(self, request, model_admin):
        return [("all", "All versions")]

    def choices(self, changelist):
        newest, *others = super().choices(changelist)
        return [newest | {"display": "The newest of each question"}, *others]

    def queryset(self, request, queryset):
        return queryset if self.value() else queryset.newest()


class TopicFilter(admin.SimpleListFilter):
    title = "topic"
    parameter_name = "topic"

    def lookups(self, request, model_admin):
        return [(topic.slug, topic.name) for topic in Topic.objects.top_level()]

    def queryset(self, request, queryset):
        return queryset.on_topics([self.value()]) if self.value() else queryset


class FormatFilter(admin.SimpleListFilter):
    title = "format"
    parameter_name = "format"

    def lookups(self, request, model_admin):
        return [(format.name, format.label) for format in formats.all()]

    def queryset(self, request, queryset):
        return queryset.filter(format=self.value()) if self.value() else queryset


class ProblemFilter(admin.SimpleListFilter):
    title = "reported problems"
    parameter_name = "problems"

    def lookups(self, request, model_admin):
        return [("open", "Open"), ("any", "Ever reported")]

    def queryset(self, request, queryset):
        flags = {"open": QuestionFlag.objects.open(), "any": QuestionFlag.objects.all()}.get(self.value())
        return queryset if flags is None else queryset.filter(question__in=flags.values("question"))


class StatisticsFilter(admin.SimpleListFilter):
    title = "what the statistics say"
    parameter_name = "statistics"

    def lookups(self, request, model_admin):
        return [("any", "Anything"), *((flag.value, flag.value.capitalize()) for flag in Flag)]

    def queryset(self, request, queryset):
        if self.value() == "any":
            return queryset.filter(question__statistics__flags__len__gt=0)
        if self.value():
            return queryset.filter(question__statistics__flags__contains=[self.value()])
        return queryset
