"""What the formats have in common whose answer is one text."""

from django.core.exceptions import ValidationError

from questions.formats.base import Format


class TextFormat(Format):
    def checked(self, version, answer):
        if len(answer) > 1:
            raise ValidationError("The answer is one text.", code="wrong_shape")
        return answer
