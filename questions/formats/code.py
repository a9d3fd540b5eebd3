from questions.formats.text import TextFormat


class Code(TextFormat):
    """Written in an editor, marked by the rubric: it is read, not run."""

    name = "code"
    label = "Code"
    is_closed = False
    limits = (300, 1800)


FORMAT = Code()
