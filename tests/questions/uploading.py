"""Uploading as a curator does it: the pages, and what a worker does between them."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from questions.exchange import uploads
from questions.models import QuestionUpload
from tests.questions.factories import make_topic

UPLOAD = "admin:questions_questionversion_upload"
UPLOADED = "admin:questions_questionversion_uploaded"
PANEL = "admin:questions_questionversion_uploaded_panel"
LOAD = "admin:questions_questionversion_upload_load"


def send(client, source: str | bytes, name: str = "quiz.gift", **own):
    file = SimpleUploadedFile(name, source.encode() if isinstance(source, str) else source)
    chosen = {"topic": make_topic(slug="coding").pk, "level": "beginner", "category": "theory"}
    return client.post(reverse(UPLOAD), {"file": file} | chosen | own)


def work() -> QuestionUpload:
    """What a worker does with the newest upload."""
    upload = QuestionUpload.objects.first()
    uploads.work_on(upload.pk, now=timezone.now())
    upload.refresh_from_db()
    return upload


def upload(client, source: str | bytes, name: str = "quiz.gift", **own):
    """The page of a file that a worker has read."""
    response = send(client, source, name, **own)
    assert response.status_code == 302
    assert response.url == reverse(UPLOADED, args=[work().public_id])
    return client.get(response.url)


def posted(preview) -> dict:
    """What a browser would send with the form as it stands."""
    values = {"page": preview.context["page"].number, "seen": preview.context["seen"]}
    for _, *fields in preview.context["rows"]:
        values |= {field.html_name: field.value() for field in fields}
    return values


def load(client, preview, **choices):
    """The page after "Load as drafts" and the worker."""
    url = reverse(LOAD, args=[preview.context["upload"].public_id])
    response = client.post(url, posted(preview) | choices | {"load": "yes"})
    if response.status_code != 302:
        return response
    work()
    return client.get(response.url)


def steps(response) -> dict[str, str]:
    return {step.question.slug: step.kind for step, *_ in response.context["rows"]}
