"""Files that are made to take long or to take much: a process of its own refuses them, and says why."""

import resource

import pytest

from questions.exchange import process

FILES = {
    "a list of 1.2 million scalars": ("a.yaml", lambda: b"- 1\n" * 1_200_000, "more than 100,000 values"),
    "the same on one line": ("a.yaml", lambda: b"[" + b"1," * 1_200_000 + b"1]", "more than 100,000 values"),
    "350,000 keys": (
        "a.yaml",
        lambda: b"".join(b"k%d: 1\n" % place for place in range(350_000)),
        "more than 100,000 values",
    ),
    "600,000 elements": ("a.xml", lambda: b"<quiz>" + b"<a/>" * 600_000 + b"</quiz>", "more than 100,000 elements"),
    "400,000 attributes": (
        "a.xml",
        lambda: b"<quiz " + b" ".join(b'a%d=""' % place for place in range(400_000)) + b"/>",
        "more than 100,000 elements",
    ),
    "one huge answer": ("a.gift", lambda: b"::Q:: a {=" + b"x" * 4_900_000 + b" ~b}", "a text is longer than 50 kB"),
    "one huge name": ("a.gift", lambda: b"::" + b"n" * 4_900_000 + b":: a {~b}", "two answers"),
    "2.4 million answers": ("a.gift", lambda: b"::Q:: a {=" + b"x~" * 2_400_000 + b" ~b}", "answers"),
    "a million faults": ("a.gift", lambda: b"a}\n\n" * 1_200_000, "More than 1,000 questions"),
    "2.4 million lines": ("a.gift", lambda: b"a\n" * 2_400_000, "more than 300 MB of memory"),
    "deep JSON": (
        "a.xml",
        lambda: b"<quiz><question type='essay'><holdout>" + b"[" * 2_000_000 + b"</holdout></question></quiz>",
        "must hold JSON",
    ),
    "a number of two million digits": (
        "a.xml",
        lambda: b'<quiz><question type="essay"><holdout>{"a": ' + b"9" * 2_000_000 + b"}</holdout></question></quiz>",
        "must hold JSON",
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_file_made_to_take_much_is_refused(what):
    name, make, why = FILES[what]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    (fault,) = process.parse(name, make()).faults
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert why in fault.why
    assert len(fault.why) < 400
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < process.CPU_SECONDS + 2


def test_file_that_takes_long_is_refused():
    """Open formulas in 5 MB: each is looked for to the end of its text."""
    source = (b"::Q:: " + b"\\\\(" * 16_000 + b" {T}\n\n") * 100
    (fault,) = process.parse("a.gift", source, cpu_seconds=2).faults
    assert fault.why == "It takes more than 2 seconds of computing to read: split the file."


def test_text_in_many_pieces_is_put_together_in_a_moment():
    source = b"<quiz><question type='essay'><questiontext format='plain'><text>"
    source += b"<![CDATA[a]]>" * 40_000 + b"</text></questiontext></question></quiz>"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    (item,) = process.parse("a.xml", source).items
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert item.text == "a" * 40_000
    assert after.ru_utime - before.ru_utime < 10


def test_process_gives_what_reading_here_gives():
    source = b"::Q:: [html]<p>a</p> {=b#why ~%50%c}\n\nno {=}"
    assert process.parse("Übung\udcff 1.GIFT", source) == process.parse_here("a.gift", source)
    assert process.parse("-x", source).faults == process.parse_here("-x", source).faults
