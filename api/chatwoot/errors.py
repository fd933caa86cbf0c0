class ChatwootError(Exception):
    """What a call to Chatwoot came to. `lasting`: the same call again cannot do better. `after_s`: not sooner."""

    def __init__(self, reason: str, *, lasting: bool = False, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting
        self.after_s = after_s
