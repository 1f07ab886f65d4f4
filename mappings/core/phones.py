"""Phone numbers in one spelling."""


def normalise(text: str, country: str = "US") -> str:
    """Ten digits for North America, E.164 without "+" elsewhere; as typed when unreadable. `country` is alpha-2."""
    raise NotImplementedError
