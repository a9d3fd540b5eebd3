"""An open answer held against rubric points, and the choice of a follow-up: pure functions of texts.

    text         words, stems, sentences and windows, each with its place in the answer
    weights      how much a word or a run of letters tells, learnt from the bank's own texts
    lexical      the LexicalGrader: for each point the sentence that is nearest to it, and how near
    quotes       whether a quote occurs in an answer
    follow_up    which follow-up is asked, and why
    authoring    what an author is warned of

It matches by words, not by meaning: docs/matching.md says how well. Nothing here knows Django, a database, or a score.
"""
