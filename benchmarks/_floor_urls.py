"""The floor: the least that keeping an answer can cost behind this server, these middleware and this log-in.

One view in plain SQL: lock the interview, compare the clock, upsert the answer, insert the event, one commit.
It checks nothing else, keeps no former words and draws no page, so it is no save; it is what a save is measured by.
"""

import json

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from config.urls import urlpatterns as site

TABLE = """
CREATE TABLE floor_answer (interview_id bigint, position int, rev int, answer jsonb,
    PRIMARY KEY (interview_id, position))
"""
LOCK = """
SELECT id, deadline_at FROM interviews_interview
WHERE public_id = %s AND candidate_id = %s AND state = 'in_progress' FOR NO KEY UPDATE
"""
ANSWER = """
INSERT INTO floor_answer VALUES (%s, %s, %s, %s)
ON CONFLICT (interview_id, position) DO UPDATE SET rev = excluded.rev, answer = excluded.answer
WHERE floor_answer.rev < excluded.rev
"""
EVENT = """
INSERT INTO interviews_interviewevent (interview_id, kind, position, actor_id, at, data)
VALUES (%s, 'saved', %s, %s, %s, '{}')
"""


@require_POST
def floor(request: HttpRequest, public_id, position: int) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [public_id, request.user.pk])
        found = cursor.fetchone()
        if found is None:
            return HttpResponse(status=404)
        interview, deadline_at = found
        if request.now > deadline_at:
            return HttpResponse(status=409)
        answer = json.dumps(request.POST.getlist("answer"))
        cursor.execute(ANSWER, [interview, position, int(request.POST["rev"]), answer])
        cursor.execute(EVENT, [interview, position, request.user.pk, request.now])
    return HttpResponse("saved")


urlpatterns = [path("floor/<uuid:public_id>/<int:position>/", floor, name="floor"), *site]
