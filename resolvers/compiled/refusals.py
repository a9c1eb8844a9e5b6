class NotCompilable(Exception):
    """Part of an operation has to be executed field by field, and so all of it is.

    `reason` is one of few words, for the metrics; the message names the part.
    """

    def __init__(self, reason: str, part: str = "") -> None:
        super().__init__(f"{reason}: {part}" if part else reason)
        self.reason = reason
