"""Product pictures drawn as inline SVG: a silhouette by category in the colour of the goods."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from zlib import crc32

from markupsafe import Markup

COLORS = {
    "Black": "#2f3437",
    "Brown": "#7a5237",
    "Ember": "#c4502b",
    "Moss": "#66753f",
    "Navy": "#26436b",
    "Oat": "#cdbb95",
    "Red": "#b23a35",
    "Saffron": "#dd9f27",
    "Slate": "#66788a",
    "Spruce": "#24594c",
    "White": "#e9e6dc",
}
NEUTRALS = ("#66788a", "#24594c", "#7a5237", "#26436b", "#66753f", "#c4502b", "#8a6d3b")

BY_NAME = {"Mug": "Mug", "Legging": "Trousers"}  # where the category would draw something else
FRAME = Markup(
    '<svg class="pic" viewBox="0 0 200 200" role="img" aria-label="{label}" style="--c:{color}">'
    '<rect class="ground" width="200" height="200"/><ellipse class="shade" cx="100" cy="172" rx="58" ry="7"/>'
    "{shape}</svg>"
)


@lru_cache(maxsize=1)
def shapes() -> dict[str, str]:
    """Silhouettes by category: lines of name, tab, SVG. Classes: m main, d dark, l light, s stroke, see shop.css."""
    lines = Path(__file__).with_name("shapes.txt").read_text("utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def color_of(name: str, option: str = "") -> str:
    """The colour of a variant, or a steady one from the product's name."""
    return COLORS.get(option) or NEUTRALS[crc32(name.encode()) % len(NEUTRALS)]


def picture(name: str, category: str, color: str = "") -> Markup:
    """The drawing of a product. `category` is the last part of its path, `color` a colour option or nothing."""
    drawn = shapes()
    named = next((shape for word, shape in BY_NAME.items() if word in name), category)
    shape = drawn.get(named, drawn["Small"])
    label = f"{name}, {color}" if color else name
    return FRAME.format(label=label, color=color_of(name, color), shape=Markup(shape))  # noqa: S704 (our own file)


def landscape() -> Markup:
    """The hero: pines, a headland and the sea."""
    return Markup(
        '<svg class="landscape" viewBox="0 0 1200 420" preserveAspectRatio="xMidYMax slice" aria-hidden="true">'
        '<rect class="sky" width="1200" height="420"/><circle class="sun" cx="890" cy="150" r="62"/>'
        '<path class="far" d="M0 270 180 190 320 250 520 150 700 240 880 190 1040 250 1200 200V420H0z"/>'
        '<path class="mid" d="M0 310 160 270 360 300 560 240 760 300 980 270 1200 310V420H0z"/>'
        '<path class="sea" d="M0 330h1200v90H0z"/><g class="foam"><path d="M120 352h180v4H120zM520 368h240v4H520z'
        'M900 350h160v4H900zM240 388h140v4H240zM760 396h200v4H760z"/></g>'
        '<path class="near" d="M1200 310c-120 0-210 40-300 110h300z"/>'
        '<path class="near" d="M0 372c90 0 190 20 260 48H0z"/>'
        '<g class="pine"><path d="M1140 170l-34 60h14l-24 46h20l-20 60h88l-20-60h20l-24-46h14z"/>'
        '<path d="M1050 230l-26 46h11l-18 35h15l-15 41h66l-15-41h15l-18-35h11z"/></g></svg>'
    )
