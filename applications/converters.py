"""Parts of addresses that only look one way; anything else is simply not found."""


class Token:
    """A random token of `models.new_token`."""

    regex = "[A-Za-z0-9_-]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
