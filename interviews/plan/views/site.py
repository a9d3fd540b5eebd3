"""Pages of the site as a whole."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from questions.models import QuestionVersion, Topic, Track


@login_not_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("interviews:dashboard")
    context = {
        "question_count": QuestionVersion.objects.published().count(),
        "topic_count": Topic.objects.top_level().count(),
        "tracks": Track.objects.active(),
    }
    return render(request, "plan/landing.html", context)


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a device needs to install Holdout. A view, because the icons' names carry their hashes.

    There is no service worker: it could show a question that is over.
    """
    icons = [
        {"src": static(f"img/icon-{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in (("192", 192, "any"), ("512", 512, "any"), ("maskable-512", 512, "maskable"))
    ]
    described = {
        "name": "Holdout: mock interviews in machine learning",
        "short_name": "Holdout",
        "id": "/",
        "start_url": reverse("interviews:landing"),
        "scope": "/",
        "display": "standalone",
        "lang": "en-GB",
        "background_color": "#f4f6f9",
        "theme_color": "#ffffff",
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part of the screens in every state, for those who change them; 404 to everybody else."""
    if not request.user.is_staff:
        raise Http404
    return render(request, "plan/styleguide.html")
