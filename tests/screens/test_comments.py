"""Comments by staff on an order and on a SKU: seen by who may see shoppers, gone with them."""

from datetime import timedelta

from django.db import connection as database

from connections.models import Role
from mappings.models import Link
from syncjobs.engine.retention import retention_apply
from syncjobs.models import Comment
from tests import factories
from tests.screens.conftest import Shop


def write(shop: Shop, role: Role = Role.STAFF, **data: str) -> int:
    return shop.client(role).post(shop.at("comments/"), {"text": "Ana comes on Friday.", **data}).status_code


def test_a_comment_stands_on_the_orders_timeline_encrypted_and_is_no_viewers(shop: Shop, rival: Shop) -> None:
    factories.order(shop.connection, "10457")
    factories.order(rival.connection, "20001")
    assert write(shop, order="10457") == 302
    shown = shop.client(Role.OPS).get(shop.at("orders/10457/?show=person"))
    (moment,) = [one for one in shown.context["moments"] if "wrote" in one.title]
    assert (moment.text, moment.title.endswith("wrote")) == ("Ana comes on Friday.", True)
    assert "Ana comes" not in shop.client(Role.VIEWER).get(shop.at("orders/10457/")).content.decode()
    assert write(shop, Role.VIEWER, order="10457") == 403
    assert [write(shop, order="20001"), write(shop), write(shop, order="10457", sku="X")] == [404, 404, 404]
    assert write(rival, order="20001") == 302
    with database.cursor() as cursor:
        cursor.execute("SELECT text FROM syncjobs_comment")
        assert all("Ana" not in text for (text,) in cursor.fetchall())


def test_a_comment_stands_on_a_skus_card_and_an_orders_goes_with_its_texts(shop: Shop) -> None:
    Link.objects.create(connection=shop.connection, kind=Link.Kind.ITEM, source_id="HT", target_id="1")
    factories.order(shop.connection, "10457")
    assert write(shop, sku="HT") == 302
    assert write(shop, order="10457", text="   ") == 302
    assert write(shop, order="10457", text="x" * 1001) == 302
    assert write(shop, order="10457") == 302
    assert Comment.objects.count() == 2
    shown = shop.client(Role.STAFF).get(shop.at("inventory/why/?sku=HT"))
    assert [one.text for one in shown.context["comments"]] == ["Ana comes on Friday."]
    Comment.objects.update(at=factories.NOW)
    retention_apply(factories.NOW + shop.merchant.texts_kept + timedelta(days=400))
    assert [(one.sku, one.external_id) for one in Comment.objects.all()] == [("HT", "")]
