"""Every review that a coach has sent, as far as grants still reach."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from interviews.coaching.models import Review

REVIEWS_A_PAGE = 30


@require_safe
def sent_reviews(request: HttpRequest) -> HttpResponse:
    """The newest first; by the candidate's name or the interview's title."""
    search = request.GET.get("q", "").strip()[:100].replace("\0", "")
    found = Review.objects.for_coach(request.user).sent().by_coach(request.user).with_people().order_by("-sent_at")
    if search:
        found = found.filter(Q(interview__candidate__name__icontains=search) | Q(interview__title__icontains=search))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": Paginator(found, REVIEWS_A_PAGE).get_page(request.GET.get("page")),
        "search": search,
        "query": query.urlencode(),
    }
    return render(request, "coaching/sent.html", context)
