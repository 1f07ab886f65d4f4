"""Help where one stands: the texts of docs/merchant/, which the documentation site shows too."""

import re
from functools import lru_cache
from pathlib import Path

import markdown
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString

from connections.store_kinds import names

START, GLOSSARY = "start", "glossary"  # the second stands beside no page: every help page leads to it
ROUTES = {
    "dashboard": ("dashboard", "sales"),
    "first-run": ("first_run",),
    "orders": (
        "orders",
        "order",
        "order_replay",
        "order_edit",
        "record",
        "search",
        "person",
        "person_tills",
        "customer_questions",
    ),
    "errors": ("errors", "closed"),
    "items": ("items", "items_run", "item_match", "items_list"),
    "inventory": ("inventory", "inventory_run", "inventory_why", "runs"),
    "fulfilment": ("fulfilment", "fulfilment_counts", "distribution", "desk_orders"),
    "cards": ("cards", "card"),
    "loyalty": ("loyalty", "points"),
    "customers": ("customer_settings",),
    "proof": ("proofs", "proof"),
    "books": ("books", "books_day", "books_accounts", "payouts", "payout"),
    "team": ("merchant", "merchant_trail", "personal", "support"),
}  # help page → names of the addresses that it stands beside
PREFIXES = {
    "account": ("account_", "mfa_"),
    "alerts": ("alert",),
    "connect": (*("connection", "integrations", "heartland_", "store_pair", "setup", "preflight", "hand_hook"),),
    "team": ("team",),
}  # help page → how the names of such addresses begin
BESIDE = re.compile(r'<a href="([a-z-]+)\.md"')  # links between these pages
ELSEWHERE = re.compile(r'<a href="\.\./[^"]*">(.*?)</a>')  # links to pages that only the documentation site has
PICTURE = re.compile(r'<p><img alt="([^"]*)" src="\.\./pictures/([^"]*)" ?/?></p>')
TERM = re.compile(r"^\| ([^|-][^|]*?) \| ([^|]+?) \|$", re.MULTILINE)  # a row of the glossary
PAGES = {route: page for page, routes in ROUTES.items() for route in routes} | {"account": "account"}


def help_for(route: str) -> str:
    """Which help page stands beside the address of this name; the one about everything where there is none."""
    begun = (page for page, starts in PREFIXES.items() if route.startswith(starts))
    of_a_kind = route.startswith(tuple(f"{kind}_" for kind in names()))  # how a store of a kind is connected
    return PAGES.get(route) or next(begun, "connect" if of_a_kind else START)


def help_names() -> list[str]:
    """The pages there are, by name."""
    return sorted(path.stem for path in _folder().glob("*.md"))


@lru_cache(maxsize=1)
def glossary() -> dict[str, str]:
    """Every word of the glossary with its meaning, without marks."""
    rows = TERM.findall((_folder() / f"{GLOSSARY}.md").read_text())
    return {word: meaning.replace("*", "") for word, meaning in rows if word != "Word"}


@lru_cache(maxsize=64)
def help_html(name: str) -> SafeString:
    """A page of help as HTML; `name` is one of `help_names()`. The texts are ours, nobody else writes them."""
    text = (_folder() / f"{name}.md").read_text()
    drawn = markdown.markdown(text, extensions=["tables"], output_format="html")
    within = BESIDE.sub(lambda found: f'<a href="{reverse("help", args=[found[1]])}"', drawn)
    return SafeString(PICTURE.sub(_picture, ELSEWHERE.sub(r"\1", within)))


def _picture(found: re.Match[str]) -> str:
    """A picture of another system's pages; those of our own are left out, as they stand beside the help."""
    alt, name = found.groups()
    if "/" not in name:
        return ""
    return f'<figure class="picture"><img src="{static(f"img/{name}")}" alt="{alt}" loading="lazy"></figure>'


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "docs" / "merchant"
