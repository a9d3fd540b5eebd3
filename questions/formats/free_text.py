from questions.formats.text import TextFormat

# What somebody types who thinks meanwhile. Who speaks has half the time, and speaks three times as fast.
MOST_WORDS_A_MINUTE = 45


def length_warning(model_answer: str, limit_seconds: int) -> str:
    """Why nobody could answer like the model answer within the limit; "" where they could."""
    words, most = len(model_answer.split()), round(MOST_WORDS_A_MINUTE * limit_seconds / 60)
    if words <= most:
        return ""
    return f"{words} words, at most {most} can be written in {limit_seconds} seconds ({MOST_WORDS_A_MINUTE} a minute)"


class FreeText(TextFormat):
    name = "free_text"
    label = "Free text"
    is_closed = False
    takes_voice = True
    limits = (180, 900)

    def reads_moodle(self, item):
        return item.type == "essay"


FORMAT = FreeText()
