"""Canaries: an order full of what must not stay, and an error that repeats it; then every table and log is searched."""

import re
from pathlib import Path

from django.db import connection as database
from psycopg import sql

from ipaas.types import JSON
from syncjobs.stories.attack.attack_world import Finding, Stage
from syncjobs.stories.demo import story

PATTERNS = {
    "a card's number": re.compile(r"4111\D{0,4}1111\D{0,4}1111\D{0,4}1111", re.IGNORECASE),
    "a card's code": re.compile(r"cvv\D{0,6}7373", re.IGNORECASE),
    "an e-mail address": re.compile(r"canary\.bird@example\.com", re.IGNORECASE),
    "a street": re.compile(r"77 Canarybird", re.IGNORECASE),
    "a phone": re.compile(r"512\D{0,3}555\D{0,3}0177", re.IGNORECASE),
    "a token": re.compile(
        r"sim-bigcommerce-token|sim-heartland-token|sim-client-secret-0001|sim-heartland-secret", re.IGNORECASE
    ),
}
WHO_ORDERED = {"an e-mail address", "a street", "a phone"}  # an owner's page of an order shows them, sealed at rest
SAID = (
    "canary.bird@example.com of 77 Canarybird Lane (512-555-0177) is unknown: 4111 1111 1111 1111, cvv 7373; "
    "Bearer sim-heartland-token"
)
ORDER: JSON = {
    "billing_address": {
        "first_name": "Zephyrine", "last_name": "Quillfeather", "email": "canary.bird@example.com",
        "phone": "512-555-0177", "street_1": "77 Canarybird Lane", "city": "Austin", "state": "Texas", "zip": "78701",
        "country": "United States", "country_iso2": "US",
    },
    "status_id": 11,
    "payment_method": "Credit card",
    "customer_message": "4111 1111 1111 1111 cvv 7373",
}  # fmt: skip
SKU = "DOG-LEAD"
ORDERS_PAGE = "page /search/?q="  # a whole number leads to its order


def canaries(stage: Stage) -> Finding:
    """One such order is booked, another is refused by Heartland with all of it in its words."""
    heartland = stage.heartland
    booked = [order(stage)]
    story.wait_for_all(booked, seconds=60, told=lambda line: None)
    rule = {"path": "^/api/sales/orders$", "method": "POST", "status": 400, "body": {"errors": {"base": SAID}}}
    heartland.post("/_sim/faults", [rule])
    refused = [order(stage)]
    story.wait_for_all(refused, seconds=60, told=lambda line: None)
    heartland.delete("/_sim/faults")
    pages = page_texts(stage, [*booked, *refused])
    found = [
        f"{what} in {where}"
        for where, text in {**tables(), **logs(stage.world.data / "logs"), **pages}.items()
        for what, pattern in PATTERNS.items()
        if pattern.search(text) and not (what in WHO_ORDERED and where.startswith(ORDERS_PAGE))
    ]
    return Finding(attack="canaries", figures={"orders": len(booked) + len(refused)}, got_through=found)


def order(stage: Stage) -> int:
    """Somebody orders by the store's API; answers the web order id."""
    product = next(row["product_id"] for row in stage.store.rows("variants") if row["sku"] == SKU)
    lines = [{"product_id": product, "quantity": 1, "price_ex_tax": "10.00", "price_inc_tax": "10.00"}]
    body, token = ORDER | {"products": lines}, {"X-Auth-Token": "sim-bigcommerce-token"}
    return int(stage.store.write("POST", "/stores/a1b2c3d4e5/v2/orders", body, token)["id"])


def tables() -> dict[str, str]:
    """Every row of every table as text."""
    texts = {}
    with database.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in cursor.fetchall():
            rows = sql.SQL("SELECT coalesce(string_agg(row_to_json(t)::text, chr(10)), '') FROM {} t")
            cursor.execute(rows.format(sql.Identifier(name)))
            texts[f"table {name}"] = cursor.fetchone()[0]
    return texts


def logs(directory: Path) -> dict[str, str]:
    """What our own processes wrote, the database's log included."""
    files = [file for file in directory.glob("*.log") if not file.name.startswith("sandbox")]
    return {f"log {file.name}": file.read_text(errors="replace") for file in files}


def page_texts(stage: Stage, web_ids: list[int]) -> dict[str, str]:
    """The dashboard, the list of orders and each order's page as the owner sees them."""
    owner = story.logged_in(stage.world)
    texts = {}
    for path in ("/", "/orders/", *(f"/search/?q={web_id}" for web_id in web_ids)):
        texts[f"page {path}"] = owner.open(stage.world.url("web") + path)
    return texts
