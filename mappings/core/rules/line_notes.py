"""The words that go with a Heartland order line."""

from mappings.core.canonical.order import GiftWrap, Line

NOTE_LENGTH = 255  # Heartland publishes no length; what is longer is held, never cut


def line_note(line: Line, *, wrap_has_line: bool) -> str:
    """What the shopper asked for: "Engraving: ANA; Monogram: Yes". Wrapping too, unless it has its own line."""
    if line.note:
        return line.note
    parts = [f"{asked.name}: {asked.value}" for asked in line.customisations]
    if line.wrap and not wrap_has_line:
        parts.append(f"Gift wrap: {wrap_note(line.wrap)}")
    return "; ".join(parts)


def wrap_note(wrap: GiftWrap) -> str:
    """The wrap's name and the message on it."""
    return f"{wrap.name} “{wrap.message}”" if wrap.message else wrap.name
