from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part of the screens in every state, for those who change them; 404 to everybody else."""
    if not request.user.is_staff:
        raise Http404
    return render(request, "styleguide.html")
