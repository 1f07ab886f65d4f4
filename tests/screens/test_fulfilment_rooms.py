"""The rooms of the Order Fulfillment tab: what they say folded, and when they are unfolded."""

import html
import re

from connections.models import Role
from tests.screens.conftest import Shop
from tests.screens.order_settings import place, save


def rooms(page: str) -> dict[str, tuple[bool, str]]:
    """The rooms of a settings page by title: whether it is unfolded, and the line that sums it up."""
    found = re.findall(
        r'<details class="card room"( open)?>\s*<summary><h2[^>]*>(.*?)</h2>.*?<span class="room-summary">(.*?)</span>',
        page,
        re.DOTALL,
    )
    return {html.unescape(title): (bool(is_open), html.unescape(words)) for is_open, title, words in found}


def test_rooms_say_in_a_line_how_they_are_set(shop: Shop) -> None:
    found = rooms(shop.client().get(shop.at("fulfillment/")).content.decode())
    assert found == {
        "Which orders": (
            False,
            "Shipped, Cancelled, Declined, Awaiting Fulfillment; booked through Website as BC-…",
        ),
        "Distribution": (False, "Staff choose the location of each order"),
        "Shipments": (
            False,
            "BigCommerce is told what Heartland shipped, without tracking numbers; BigCommerce mails the shopper",
        ),
        "Exceptions": (
            False,
            "Guests: a customer of their own; gift wrapping: held for you; fees: held for you; customised products: "
            "held for you; refunds: after your look",
        ),
        "Payment, shipping & status maps": (
            False,
            "0 payment methods, 0 shipping methods, 0 checkout fields, 0 statuses of your own",
        ),
        "Fields that Heartland insists on": (False, "None"),
        "Fetch older orders": (False, "From before the connection, or when in doubt"),
    }
    save(shop, shipping="one", ship_from=place(shop, "Harbor Main").pk)
    page = shop.client().get(shop.at("fulfillment/")).content.decode()
    assert rooms(page)["Distribution"] == (False, "Harbor Main ships everything")


def test_what_was_refused_is_linked_from_the_top_and_its_room_unfolded(shop: Shop) -> None:
    page = save(shop, shipping="one", order_prefix="").content.decode()
    assert [title for title, (is_open, _) in rooms(page).items() if is_open] == ["Which orders", "Distribution"]
    links = dict(re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>: ', page))
    assert links == {"id_ship_from": "Location that ships", "id_order_prefix": "Order number prefix"}
    assert all(f'id="{anchor}"' in page for anchor in links)


def test_somebody_elses_answers_are_shown_with_their_rooms_unfolded(shop: Shop) -> None:
    before = shop.client().get(shop.at("fulfillment/")).context["form"].version
    save(shop, shop.client(Role.STAFF), sales_rep="Web")
    answer = save(shop, version=before, tracking_field="", notifies_shopper=None)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert [title for title, (is_open, _) in rooms(page).items() if is_open] == ["Which orders", "Shipments"]
