"""How far a coach and others mark alike, to each of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from interviews.coaching.agreement import FEWEST_ANSWERS, FEWEST_MARKS, Agreement
from interviews.coaching.agreement import agreement as agreement_of
from interviews.coaching.shared_marks import SharedMark, shared_marks
from interviews.sitting import scoring


@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    shared = shared_marks(request.user)
    people = User.objects.in_bulk(shared)
    coaches = [compared(people[pk], marks) for pk, marks in shared.items()]
    context = {
        "coaches": sorted(coaches, key=lambda one: (-one["found"].marks, str(one["coach"]))),
        "fewest_marks": FEWEST_MARKS,
        "fewest_answers": FEWEST_ANSWERS,
        "words": list(scoring.MARKS),
    }
    return render(request, "coaching/agreement.html", context)


def compared(coach: User, marks: list[SharedMark]) -> dict:
    found = agreement_of(((one.answer, one.own, one.other) for one in marks), scoring.MARKS)
    return {
        "coach": coach,
        "found": found,
        "rows": rows_of(found),
        "appealed": sum(one.is_appealed for one in marks),
        "undecided": found.is_enough and found.kappa is None,
    }


def rows_of(found: Agreement) -> list[tuple[str, list[tuple[int, bool]]]]:
    """(one's own mark, for each mark of the other how many points, and whether the two are the same)."""
    words = list(scoring.MARKS)
    return [(own, [(found.table.get((own, other), 0), own == other) for other in words]) for own in words]
