"""Every form and every parameter of the admin gets hostile values: a form error, a filter that is ignored or a 404."""

import json
import logging
from http.cookies import SimpleCookie
from urllib.parse import quote_from_bytes

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from interviews.report.models import WeaknessReport
from questions.admin.checked import StrictJSON
from questions.admin.rows import RowsField
from questions.models import QuestionFlag, QuestionVersion
from tests.factories import make_admin, make_candidate, make_finished_interview, make_track
from tests.questions.factories import make_version, sent_of

pytestmark = pytest.mark.django_db

NO_JSON = {
    "no number": "NaN",
    "no number in a list": "[NaN]",
    "infinity": '{"a": -Infinity}',
    "too large": '[{"title": 1e999}]',
    "6,000 digits": "[" + "9" * 6000 + "]",
    "400 digits": '{"value": ' + "9" * 400 + "}",
    "NUL": '["a\\u0000b"]',
    "NUL in a name": '{"a\\u0000": 1}',
    "half of a pair": '["\\ud800"]',
    "deep": "[" * 100_000,
    "deep and closed": "[" * 5_000 + "]" * 5_000,
    "deeper than twenty": '{"a": ' + "[" * 25 + "]" * 25 + "}",
    "broken": "[1,",
    "single quotes": "['a']",
    "long": json.dumps(["x" * 250_000]),
}
# What stands for JSON in the form of a version (questions/admin/rows.py).
ROWS_FIELDS = ["answer", "stages", "references", "follow_ups"]
NO_ROWS = [
    {"references-row": ["0", "0", "x" * 200, "../1", ""], "references-0-title": "A book"},
    {"references-row": [str(row) for row in range(300)]},
    {"references-0-title": "x" * 60_000},
    {"follow_ups-row": "0", "follow_ups-0-after": "never", "follow_ups-0-limit_seconds": "1e999"},
    {"stages-row": "0", "stages-0-minutes": "9" * 6000},
    *({f"answer-{name}": ""} for name in ("value", "schema", "solution")),
    *({"answer-value": value} for value in ("NaN", "1e999", "9" * 400, "[" * 5000, '{"a": 1}', "null", "true")),
    *({"_rows": button} for button in ("add:answer", "add:" + "x" * 300, "up:stages:0", "down::", ":", "remove:x:y")),
]
TEXTS = [" ", "x", "-1", "1e3", "99999999999999999999", "²", "\x00", "a\x00b", "\ud800", "2026-13-45", "𝒳" * 300]
PARAMETERS = ["x", "\x00", "9" * 30, "²", "a,b"]
# What Django itself knows in the address of a list or a form.
OF_DJANGO = {"q", "o", "p", "all", "e", "_popup", "_to_field", "_facets", "_changelist_filters"}


def encoded(fields: dict) -> str:
    """By hand: a lone surrogate is no text that a client would encode."""
    pairs = [
        (name, value) for name, values in fields.items() for value in (values if isinstance(values, list) else [values])
    ]
    quoted = [[quote_from_bytes(str(part).encode(errors="surrogatepass")) for part in pair] for pair in pairs]
    return "&".join(map("=".join, quoted))


class Desk(Client):
    """An administrator's. What a request changed is taken back; what it raised is a 500."""

    def __init__(self):
        super().__init__(raise_request_exception=False)
        self.force_login(make_admin())
        self.entered = {name: morsel.value for name, morsel in self.cookies.items()}

    def status(self, path: str, posted: dict | None = None, then=lambda: None) -> int:
        """`then` is called after a form that was taken, before it is taken back."""
        kind = "application/x-www-form-urlencoded"
        with transaction.atomic():
            response = self.get(path) if posted is None else self.post(path, encoded(posted), content_type=kind)
            if response.status_code == 302:
                then()
            transaction.set_rollback(True)
        self.cookies = SimpleCookie(self.entered)
        return response.status_code


@pytest.fixture
def desk(settings):
    settings.CURATORS_MAY_PUBLISH_OWN = True
    version = make_version()
    for format in ("numeric", "staged", "free_text", "sql"):
        make_version(slug=format, format=format, published=False)
    make_track()
    person = make_candidate()
    make_finished_interview(candidate=person, now=timezone.now())
    WeaknessReport.objects.create(candidate=person, compiled_at=timezone.now(), data={})
    QuestionFlag.objects.report(version, by=person, reason="wrong", comment="It is.", now=timezone.now())
    Group.objects.get_or_create(name="some")
    logging.disable(logging.CRITICAL)
    yield Desk()
    logging.disable(logging.NOTSET)


def registered():
    """(model, its admin, the beginning of its addresses' names) of everything in the admin."""
    for model, model_admin in admin.site._registry.items():
        yield model, model_admin, f"admin:{model._meta.app_label}_{model._meta.model_name}"


def forms_of(desk):
    """(address, what a browser would post of the form there) of every form to add and every first one to change."""
    for model, _, name in registered():
        last = model.objects.order_by("-pk").values_list("pk", flat=True)[:1]
        paths = [reverse(f"{name}_add"), *(reverse(f"{name}_change", args=[pk]) for pk in last)]
        for path in paths:
            response = desk.get(path)
            if response.status_code == 200:
                yield path, as_posted(response)


def as_posted(response) -> dict:
    fields = {}
    shown = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        shown += [inline.formset.management_form, *inline.formset.forms]
    for form in shown:
        for bound in form:
            if isinstance(bound.field, RowsField):
                fields |= sent_of(str(bound))
                continue
            value = "on" if bound.value() is True else bound.value()
            if value is not None and value is not False:
                is_several = isinstance(bound.field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
                fields[bound.html_name] = list(value) if is_several else str(value)
    return fields


def test_every_field_of_every_form_takes_or_refuses_hostile_texts(desk):
    """Each text in some field of each form, and each field with some text."""
    walked = 0
    for path, fields in forms_of(desk):
        names = sorted(fields)
        for place in range(max(len(names), len(TEXTS)) if names else 0):
            name, text = names[place % len(names)], TEXTS[place % len(TEXTS)]
            assert desk.status(path, fields | {name: text}) < 500, (path, name, text)
            walked += 1
    assert walked > 150


@pytest.mark.parametrize("what", NO_JSON)
def test_json_that_cannot_be_kept_is_refused_and_shown_as_it_was_typed(what):
    field = StrictJSON()
    with pytest.raises(ValidationError):
        field.clean(NO_JSON[what])
    assert field.prepare_value(field.bound_data(NO_JSON[what], None)) == NO_JSON[what]


def test_form_that_asks_for_many_rows_gets_a_hundred(desk):
    path = reverse("admin:questions_questionversion_add")
    response = desk.post(path, as_posted(desk.get(path)) | {"options-TOTAL_FORMS": "99999999999"})
    rows = response.context["inline_admin_formsets"][1].formset.forms
    assert len(rows) == 100


@pytest.mark.parametrize("format", ["numeric", "staged", "free_text", "sql"])
def test_rows_that_are_none_are_refused_or_stay_a_draft_that_every_page_bears(desk, format):
    version = QuestionVersion.objects.get(format=format)
    path = reverse("admin:questions_questionversion_change", args=[version.pk])
    fields = as_posted(desk.get(path))
    changelist = reverse("admin:questions_questionversion_changelist")

    def look():
        for page in ("change", "compare", "as_candidate"):
            seen = desk.get(reverse(f"admin:questions_questionversion_{page}", args=[version.pk]))
            assert seen.status_code in ((200, 302) if page == "as_candidate" else (200,)), (posted, page)
        for action in ("export_moodle", "export_csv"):
            sent = {"action": action, "_selected_action": [version.pk]}
            assert desk.post(changelist, sent).status_code == 200, (posted, action)

    for place, posted in enumerate(NO_ROWS):
        posted = posted | {["_save", "_publish", "_review"][place % 3]: "yes"}
        assert desk.status(path, fields | posted, then=look) in (200, 302), posted


def test_every_json_field_of_the_admin_is_a_strict_one():
    request = RequestFactory().get("/")
    request.user, request.predecessor = make_admin(), None
    found = []
    for model, model_admin, _ in registered():
        if not model_admin.has_add_permission(request):
            continue
        shown = [model_admin.get_form(request, change=False)]
        shown += [inline.get_formset(request).form for inline in model_admin.get_inline_instances(request)]
        for form in shown:
            fields = [field for field in form.base_fields.values() if isinstance(field, forms.JSONField)]
            found += fields
            assert all(isinstance(field, StrictJSON) for field in fields), model
    assert len(found) == len(ROWS_FIELDS)


def test_every_parameter_of_every_page_of_the_admin_is_ignored_or_answers_404(desk):
    walked = 0
    for model, model_admin, name in registered():
        filters = set()
        for one in model_admin.list_filter:
            one = one[0] if isinstance(one, tuple) else one
            if isinstance(one, str):
                filters |= {one, f"{one}__exact", f"{one}__id__exact", f"{one}__in"}
            elif issubclass(one, SimpleListFilter):
                filters.add(one.parameter_name)
        fields = {field.name for field in (*model._meta.fields, *model._meta.many_to_many) if field.editable}
        pages = [(reverse(f"{name}_changelist"), filters | OF_DJANGO), (reverse(f"{name}_add"), fields)]
        first = model.objects.first()
        pages += [(reverse(f"{name}_{page}", args=[first.pk]), OF_DJANGO) for page in ("change", "history") if first]
        for path, parameters in pages:
            for place, parameter in enumerate(sorted(parameters)):
                value = PARAMETERS[place % len(PARAMETERS)]
                assert desk.status(f"{path}?{encoded({parameter: value})}") < 500, (path, parameter, value)
                walked += 1
    assert walked > 150


@pytest.mark.parametrize(
    "path",
    [
        "/admin/questions/questionversion/add/?question=x",
        "/admin/questions/questionversion/add/?question=%00",
        "/admin/questions/questionversion/add/?question=99999999999999999999&title=A",
        "/admin/questions/question/add/?companion_of=a,b",
        "/admin/questions/questionversion/?status__exact=%00",
        "/admin/questions/questionversion/?statistics=%00",
        "/admin/questions/questionversion/?q=%00",
        "/admin/questions/questionversion/1/compare/?with=%00",
        "/admin/questions/questionversion/1/change/?_changelist_filters=status__exact%3D%2500",
        "/admin/autocomplete/?term=%00&app_label=questions&model_name=questionversion&field_name=question",
        "/admin/autocomplete/?term=x&app_label=questions&model_name=questionversion&field_name=%00",
        "/admin/%00/",
        "/%00",
        "/?a=%00",
    ],
)
def test_address_with_what_is_no_value_is_no_error(desk, path):
    assert desk.status(path) < 500
    if "%00" in path and "%2500" not in path:
        assert desk.status(path) == 404


def test_form_that_an_address_fills_in_keeps_what_is_a_value(desk):
    version = QuestionVersion.objects.get(format="sql")
    path = reverse("admin:questions_questionversion_add")
    form = (
        desk.get(f"{path}?question={version.question_id}&title=A&limit_seconds=x&nothing=1").context["adminform"].form
    )
    assert form.initial == {"question": str(version.question_id), "title": "A"}
