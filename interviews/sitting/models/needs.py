"""What an interview's page has to load for its questions."""


class Needs:
    """The part of Interview that knows which scripts its formats take."""

    @property
    def takes_voice(self) -> bool:
        """Whether any of its questions does."""
        return any(question.with_version().format.takes_voice for question in self.sheet)

    @property
    def takes_code(self) -> bool:
        """Whether any of its questions does."""
        return any(question.with_version().format.takes_code for question in self.sheet)

    @property
    def takes_order(self) -> bool:
        """Whether any of its questions asks for one."""
        return any(question.with_version().format.is_order for question in self.sheet)

    @property
    def takes_sketch(self) -> bool:
        """Whether any of its questions does."""
        return any(question.with_version().format.takes_sketch for question in self.sheet)

    @property
    def asks_with_maths(self) -> bool:
        return any(question.with_version().version.asks_with_maths for question in self.sheet)
