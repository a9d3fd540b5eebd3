from django.core.exceptions import ValidationError

from questions.formats.base import Format


class FreeText(Format):
    name = "free_text"
    label = "Free text"
    is_closed = False
    limits = (180, 900)

    def checked(self, version, answer, draft):
        if len(answer) > 1:
            raise ValidationError("The answer is one text.", code="wrong_shape")
        return answer


FORMAT = FreeText()
