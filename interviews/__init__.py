"""Mock interviews, from sitting one to what is learnt from it: one Django app in wings.

A wing imports from the wings below it, never upwards and never from its neighbour; `./dev check` holds every arrow.

    records             a person's data: export, erasure, retention
    plan, coaching      the candidate's home and set-up; reviews, appeals, assignments, who may read what
    results             what a finished interview shows
    report              the weakness report, its statistics, practice
    interviewer         what was found in a finished answer; beside the report, which knows nothing of it
    speech              recordings, and their transcripts
    sitting             the timed engine: interview, answers, clocks, drawing, scoring, the question screen
    notices             what people are told, on the site and by mail

Inside a wing: urls, then views, then forms and tasks, then pages, then models, then pure functions. What a lower wing
causes in an upper one it writes down as a row (`sitting.models.EvidenceChange`); where a page of a lower wing shows
something of an upper one, a template tag brings it (`templatetags/coaching.py`).

`models.py`, `urls.py` and `tasks.py` here only gather what the wings have, for Django and Celery to find.
"""
