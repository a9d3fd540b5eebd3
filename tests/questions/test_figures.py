"""Images of questions: what is taken, who sees them, and that they go where the question goes."""

import base64
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from interviews.plan.samples import sample_questions
from interviews.records.exporting import members
from interviews.report import anki
from questions import catalog_files, markup, pictures
from questions.exchange import moodle_export, reading
from questions.models import Figure, QuestionVersion, VersionFigure
from tests.factories import make_candidate, make_curator, make_finished_interview
from tests.questions.factories import make_version
from tests.questions.test_admin import change_url, posted
from tests.questions.test_catalog import QUESTIONS, load, write

PROMPT = "Which is better?\n\n![Two ROC curves\nthat cross at $0.3$](figure:roc.png)\n"


def drawn(format: str = "PNG", size=(60, 40), colour="red", mode="RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, format, **options)
    return out.getvalue()


def with_figure(content: bytes | None = None, **fields) -> QuestionVersion:
    """A version whose prompt shows roc.png."""
    version = make_version(**{"published": False, "prompt": PROMPT} | fields)
    picture = pictures.encoded(content or drawn())
    Figure.objects.keep([picture])
    VersionFigure.objects.create(version=version, name="roc.png", figure_id=picture.digest)
    version = QuestionVersion.objects.with_content().get(pk=version.pk)
    version.store_content_hash()
    return version


def address_of(version: QuestionVersion) -> str:
    return reverse("questions:figure", args=[version.figures.get().figure_id])


# What is taken


@pytest.mark.parametrize(("format", "kind"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_an_upload_is_drawn_anew_without_what_hides_in_it(format, kind):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif[0x0112] = 6  # to be turned by 90 degrees
    picture = pictures.encoded(drawn(format, exif=exif) + b"<script>alert(1)</script>")
    assert (picture.content_type, picture.width, picture.height) == (kind, 40, 60)
    assert b"secret" not in picture.content
    assert b"script" not in picture.content
    assert pictures.encoded(picture.content).width == 40
    assert pictures.looked_at(picture.content) == picture


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode):
    assert pictures.encoded(drawn(mode=mode, colour=0)).width == 60


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no image"),
        (drawn("GIF"), "no image"),
        (drawn()[:-30], "no image"),
        (drawn(size=(4001, 1)), "4,001 × 1 pixels"),
        (drawn(size=(3999, 3999), mode="1", colour=0), "pixels"),
        (b"\x89PNG" + bytes(2_000_001), "2 MB"),
    ],
)
def test_what_is_no_image_or_out_of_bounds_is_refused(content, why):
    for take in (pictures.encoded, pictures.looked_at):
        with pytest.raises(ValidationError, match=why):
            take(content)


def test_a_file_is_named_so_that_a_text_can_call_it():
    assert pictures.name_of("C:\\ROC curve (2).JPEG".rpartition("\\")[2]) == "roc-curve-2.jpg"
    assert pictures.name_of("кривая.png") == "image.png"
    for name in ("plot.svg", "plot.gif", "plot"):
        with pytest.raises(ValidationError):
            pictures.name_of(name)


# What a text makes of it


def test_an_image_opens_large_and_says_what_it_shows():
    picture = pictures.encoded(drawn())
    html = markup.render(PROMPT, {"roc.png": picture})
    address = f"/questions/figures/{picture.digest}/"
    assert f'<a href="{address}" target="_blank"' in html
    assert f'<img src="{address}" alt="Two ROC curves that cross at $0.3$" width="60" height="40">' in html
    assert markup.figures_shown([html]) == {picture.digest}


def test_an_image_that_is_not_there_leaves_its_text():
    assert "[Two ROC curves that cross at $0.3$]" in markup.render(PROMPT)
    assert markup.render('![" onerror="x](figure:a.png)', {}) == '<p>[" onerror="x]</p>\n'


# Who sees it


@pytest.mark.django_db
def test_a_draft_image_is_nobodys_but_curators_and_a_published_one_everybodys_who_is_logged_in():
    version = with_figure()
    address = address_of(version)
    people = {name: Client() for name in ("nobody", "candidate", "guest", "curator")}
    people["candidate"].force_login(make_candidate())
    people["guest"].force_login(make_candidate(is_guest=True))
    people["curator"].force_login(make_curator())
    draft = {name: client.get(address).status_code for name, client in people.items()}
    assert draft == {"nobody": 302, "candidate": 404, "guest": 404, "curator": 200}
    version.publish()
    shown = {name: client.get(address).status_code for name, client in people.items()}
    assert shown == {"nobody": 302, "candidate": 200, "guest": 200, "curator": 200}
    response = people["candidate"].get(address)
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"].startswith("private")
    assert "default-src 'self'" in response["Content-Security-Policy"]
    version.retire()  # whoever sat it looks at it again
    assert people["candidate"].get(address).status_code == 200


@pytest.mark.django_db
def test_what_everybody_may_read_shows_no_image():
    shown = with_figure(format="free_text", slug="shown")
    shown.publish()
    make_version(format="free_text", slug="without")
    assert list(sample_questions().values_list("question__slug", flat=True)) == ["without"]


@pytest.mark.django_db
def test_an_image_never_changes_and_goes_when_nothing_has_shown_it_for_long():
    version = with_figure()
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Figure.objects.update(width=1)
    later = timezone.now() + timezone.timedelta(days=15)
    assert not Figure.objects.unused(later).exists()
    version.delete()
    assert not Figure.objects.unused(timezone.now()).exists()
    assert Figure.objects.unused(later).count() == 1


# In the catalog's files


@pytest.fixture
def folder(tmp_path):
    figures = tmp_path / "figures"
    figures.mkdir()
    (figures / "roc.png").write_bytes(drawn())
    write(tmp_path, questions=QUESTIONS.replace("What is a ROC curve", "![Two curves](figure:roc.png) What"))
    return tmp_path


@pytest.mark.django_db
def test_catalog_image_is_versioned_with_its_question_and_comes_out_again(folder, tmp_path):
    load(folder)
    first = QuestionVersion.objects.published().get(question__slug="roc-auc")
    assert str(first.figures.get().figure_id) in first.prompt_html
    assert load(folder).versions == 0
    (folder / "figures" / "roc.png").write_bytes(drawn(colour="blue"))
    assert load(folder).versions == 1
    second = QuestionVersion.objects.published().get(question__slug="roc-auc")
    assert second.figures.get().figure_id != first.figures.get().figure_id
    assert first.prompt_html == QuestionVersion.objects.get(pk=first.pk).prompt_html
    call_command("export_catalog", tmp_path / "out")
    assert (tmp_path / "out/figures/roc.png").read_bytes() == drawn(colour="blue")
    assert load(tmp_path / "out").versions == 0


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        ("figure:roc.png", "figure:other.png", ("roc-auc", "prompt")),
        ("[Two curves]", "[]", ("roc-auc", "prompt")),
        ("What is the AUC of a coin?", '"![x](figure:no.png)"', ("roc-auc-chance", "prompt")),
        ("Think of a coin.", "![x](figure:roc.png)", ("roc-auc", "follow_ups")),
        (
            "![Two curves](figure:roc.png)",
            "".join(f"![a](figure:{n}.png)" for n in range(7)),
            ("roc-auc", "prompt"),
        ),
    ],
)
def test_check_refuses_an_image_without_its_file_or_its_text(folder, old, new, about):
    path = folder / "evaluation.yaml"
    path.write_text(path.read_text().replace(old, new, 1))
    assert about in [(fault.slug, fault.field) for fault in catalog_files.read(folder).faults]


def test_check_refuses_a_file_that_is_no_image(folder):
    (folder / "figures/plot.svg").write_text("<svg/>")
    (folder / "figures/broken.png").write_bytes(drawn()[:50])
    assert [fault.file for fault in catalog_files.read(folder).faults] == ["figures/broken.png", "figures/plot.svg"]


# In other programs' files


@pytest.mark.django_db
def test_moodle_file_takes_images_along_and_brings_them_back():
    verbatim = drawn(compress_level=1)  # not as we would write it: the catalog's files are kept as they are
    version = with_figure(verbatim, format="free_text")
    picture = pictures.looked_at(verbatim)
    Figure.objects.keep([picture])
    version.figures.update(figure=picture.digest)
    version.store_content_hash()
    xml = moodle_export.written([version])
    assert b"@@PLUGINFILE@@/roc.png" in xml
    assert base64.b64encode(verbatim) in xml
    found = reading.read("q.xml", xml, reading.Defaults("evaluation", "beginner", "theory"))
    assert found.faults == []
    entry = found.incoming[0].entry
    assert (entry["prompt"], entry["figures"]) == (version.prompt.strip(), {"roc.png": picture.digest})


@pytest.mark.django_db
def test_images_of_a_moodle_question_come_in_and_each_loss_is_told():
    make_version()
    image, broken = base64.b64encode(drawn()).decode(), base64.b64encode(b"<svg/>").decode()
    text = (
        '<p>Which?</p><img src="@@PLUGINFILE@@/My%20plot.PNG?time=1" alt="A [rising] curve">'
        '<p><img src="@@PLUGINFILE@@/drawing.svg" alt="A drawing"></p>'
    )
    xml = f"""<quiz><question type="multichoice"><name><text>Plot</text></name>
      <questiontext format="html"><text><![CDATA[{text}]]></text>
        <file name="My plot.PNG" path="/" encoding="base64">{image}</file>
        <file name="drawing.svg" path="/" encoding="base64">{broken}</file></questiontext>
      <answer fraction="100"><text>a</text></answer><answer fraction="0"><text>b</text></answer>
    </question></quiz>"""
    found = reading.read("q.xml", xml.encode(), reading.Defaults("evaluation", "beginner", "theory"))
    incoming = found.incoming[0]
    assert r"![A \[rising\] curve](figure:my-plot.png)" in incoming.entry["prompt"]
    assert incoming.lacks == ["image “A drawing”"]
    assert "SVG" in found.notes[0].why
    figure = Figure.objects.get(pk=incoming.entry["figures"]["my-plot.png"])
    assert (figure.width, figure.height) == (60, 40)
    assert not any("image" in need for need in incoming.needs)


# On the way to candidates


@pytest.mark.django_db
def test_copy_of_ones_data_and_anki_package_hold_the_images(tmp_path):
    version = with_figure(format="free_text", slug="roc")
    version.publish()
    candidate = make_candidate()
    interview = make_finished_interview(candidate=candidate)
    interview.questions.filter(position=1).update(version=version, question=version.question)
    held = {name: b"".join(content) for name, content in members(candidate, now=timezone.now())}
    name = Figure.objects.get().file_name
    page = next(content.decode() for path, content in held.items() if path.startswith("interviews/"))
    assert f'src="../figures/{name}"' in page
    assert f'href="../figures/{name}"' in page
    assert held[f"figures/{name}"] == bytes(Figure.objects.get().content)
    (tmp_path / "deck.apkg").write_bytes(anki.package([version], anki.MISSED, now=timezone.now()))
    with zipfile.ZipFile(tmp_path / "deck.apkg") as package:
        assert name in package.read("media").decode()
        assert package.read("0") == bytes(Figure.objects.get().content)


# In the admin


@pytest.fixture
def admin_form(client, settings):
    """Sends the form of a version as it stands, with these fields changed."""
    settings.CURATORS_MAY_PUBLISH_OWN = True
    client.force_login(make_curator())

    def send(version, **changed):
        data = posted(client, change_url(version)) | changed
        return client.post(change_url(version), data, follow=True)

    return send


@pytest.mark.django_db
def test_curator_uploads_an_image_and_the_next_version_takes_it_along(admin_form):
    version = make_version(published=False)
    admin_form(version, prompt=PROMPT, **row(file=SimpleUploadedFile("ROC.png", drawn())))
    version = QuestionVersion.objects.get(pk=version.pk)
    assert version.figures.get().name == "roc.png"
    assert version.figures.get().figure_id in version.prompt_html
    version.publish()
    admin_form(version, title="Another", **row(digest=version.figures.get().figure_id, name="roc.png"))
    newest = QuestionVersion.objects.newest().get()
    assert newest.number == 2
    assert newest.figures.get().figure_id == version.figures.get().figure_id


@pytest.mark.django_db
def test_upload_that_is_no_image_is_an_error_in_the_form(admin_form):
    version = make_version(published=False)
    response = admin_form(version, **row(file=SimpleUploadedFile("roc.png", b"<svg onload=alert(1)>")))
    assert "no image that can be read" in response.content.decode()
    assert not VersionFigure.objects.exists()


def row(**fields) -> dict:
    return {"figures-TOTAL_FORMS": 1} | {f"figures-0-{name}": value for name, value in fields.items()}
