"""Card numbers never pass: they are dropped from every free text and reference."""


def mask(text: str) -> str:
    """The text with anything that may be a card number replaced by "[card number removed]"."""
    raise NotImplementedError
