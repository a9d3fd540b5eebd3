from questions.formats.base import too_long_to_say
from questions.formats.text import TextFormat


class FreeText(TextFormat):
    name = "free_text"
    label = "Free text"
    is_closed = False
    takes_voice = True
    limits = (180, 900)

    def warnings(self, entry):
        if why := too_long_to_say(entry):
            yield "model_answer", why

    def reads_moodle(self, item):
        return item.type == "essay"


FORMAT = FreeText()
