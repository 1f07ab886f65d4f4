"""Carriers as people type them, parted from the service behind."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+|[^\W\d_]+")  # "FedExGround" is Fed, Ex, Ground
BETWEEN_PARTS = " -:,/|()®™"  # between a carrier and its service


def carrier_parts(text: str, providers: Mapping[str, str]) -> tuple[str, str]:
    """What staff typed, as the store's carrier and the service: "UPS Ground" → ("ups", "Ground").

    `providers` are the store's words by names in small letters and digits. The longest name at the beginning counts,
    else the only one that stands anywhere. A service that was not typed is the carrier's name as typed; a carrier that
    the store does not list has no provider and keeps its words.
    """
    text = " ".join(text.split())
    words = list(WORD.finditer(text))
    first = max(_names(words, providers, starts=[0]), key=lambda found: found[1], default=None)
    if first:
        provider, end = first
        return provider, text[end:].lstrip(".").strip(BETWEEN_PARTS) or text
    anywhere = {provider for provider, _ in _names(words, providers, starts=range(1, len(words)))}
    return (anywhere.pop() if len(anywhere) == 1 else ""), text


def _names(
    words: Sequence[re.Match[str]], providers: Mapping[str, str], *, starts: Iterable[int]
) -> Iterator[tuple[str, int]]:
    """Carriers that whole words spell, from these words on, each with where it ends in the text."""
    for start in starts:
        spelt = ""
        for word in words[start:]:
            spelt += word.group().casefold()
            if provider := providers.get(spelt):
                yield provider, word.end()
