"""A merchant's text to a shopper, with what it says of an order filled in."""

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.core.canonical.order import Order
from mappings.core.rules.money import cents

LABELS: Mapping[str, str] = {  # what may stand in a text, in braces
    "name": "the shopper's first name",
    "order": "the order's number",
    "total": "what it costs, with its currency",
    "shop": "the store's name",
}


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A subject of one line, and a plain text."""

    subject: str
    text: str


def mail_of(template: Mail, order: Order, *, shop: str) -> Mail:
    """The mail about an order. What stands in other braces stays as it was written."""
    values = {
        "name": order.buyer.first_name,
        "order": order.title,
        "total": f"{cents(order.total)} {order.currency}".strip(),
        "shop": shop,
    }
    subject, text = template.subject, template.text
    for name, value in values.items():
        subject, text = (one.replace(f"{{{name}}}", value) for one in (subject, text))
    return Mail(subject=" ".join(subject.split()), text=text)


def unknown_labels(text: str) -> list[str]:
    """Words in braces that nothing fills in, such as {nmae}."""
    found = [part.partition("}")[0] for part in text.split("{")[1:] if "}" in part]
    return sorted({one for one in found if one not in LABELS})
