"""Which picture of Lucide stands for what; all of them lie in static/vendor/lucide/, a file each."""

LUCIDE = {
    "alert": "triangle-alert",
    "arrow": "arrow-right",
    "bolt": "zap",
    "cross": "x",
    "dashboard": "house",
    "dot": "circle",
    "errors": "circle-alert",
    "external": "external-link",
    "help": "circle-question-mark",
    "inventory": "warehouse",
    "items": "package",
    "orders": "receipt-text",
    "retry": "rotate-cw",
    "settings": "sliders-horizontal",
    "skip": "skip-forward",
    "stop": "octagon-x",
}  # our name → Lucide's; a name that is not here is Lucide's own


def lucide(name: str) -> str:
    """The name of the picture in the sprite."""
    return LUCIDE.get(name, name)
