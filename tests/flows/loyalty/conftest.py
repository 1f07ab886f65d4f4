"""Somebody with an account in a store of either kind, whose points both sides keep in a field of their own."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from connections import clients
from connections.connect.magento.clients import magento_client
from connections.models import Connection
from ipaas.types import JSON
from mappings.core.rules.loyalty import Cause
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.flows.points.settings_points import loyalty_save
from syncjobs.intake.follow_points import points_follow
from syncjobs.models import Attempt, Cursor, LoyaltySettings, PointsAccount, PointsMovement, Record, SyncJob
from syncjobs.stories.demo.sim import Sandbox
from tests.flows.conftest import open_store
from tests.flows.conftest import pair as bigcommerce_pair
from tests.flows.magento.conftest import open_shop
from tests.flows.magento.conftest import pair as magento_pair
from tests.sandbox.conftest import heartland_server
from tests.stores.bigcommerce import HASH, TOKEN

__all__ = ["bigcommerce_pair", "heartland_server", "magento_pair", "open_shop", "open_store"]

FIELD = "loyalty_points"  # in Heartland
SKUS = ("DOG-LEAD", "CMP-JUG")


class Shop(ABC):
    """Both systems with one shopper, and our side of them."""

    def __init__(self, connection: Connection, heartland: Sandbox, store: Sandbox) -> None:
        self.connection, self.heartland, self.store = connection, heartland, store
        self.client = clients.heartland_client(connection.heartland)
        self.heartland.write("POST", "/api/custom_fields", {"group_id": "customer", "name": "Loyalty points"}, OURS)
        shopper = next(row for row in self.store.rows("customers") if self.lives_at_home(row))
        self.account, self.email = str(shopper["id"]), str(shopper["email"])
        self.field = self.field_made()

    @abstractmethod
    def lives_at_home(self, customer: JSON) -> bool: ...

    @abstractmethod
    def field_made(self) -> str:
        """The key of the store's field."""

    @abstractmethod
    def place(self, *prices: str, points: str = "", card: str = "", **recipe: Any) -> str:
        """The shopper orders a piece at each price and a card, some of it paid with points; answers the order's id."""

    @abstractmethod
    def show(self, points: int) -> None:
        """Something in the store gives the account so many points."""

    @abstractmethod
    def shown(self) -> str: ...

    @abstractmethod
    def group(self) -> int: ...

    @abstractmethod
    def groups_made(self) -> tuple[str, str]:
        """Ids of the group of everybody and of that of a tier."""

    @abstractmethod
    def leave(self) -> None:
        """The account is deleted in the store."""

    @abstractmethod
    def give_back(self, order_id: str, *lines: int) -> None:
        """Staff give a piece of some lines back, all of the order without any."""

    def takes_rewards(self) -> bool:
        """Whether the store has a tender of its own for points; makes it one that has where it can."""
        return False

    def file_under(self, sku: str, category: str) -> None:
        """Staff say in Heartland what kind of item it is."""
        (item,) = [row for row in self.heartland.rows("items") if row["public_id"] == sku]
        self.heartland.write("PUT", f"/api/items/{item['id']}", {"custom": {"department": category}}, OURS)

    writes_field: tuple[str, str]  # method and path of the call that shows points in the store

    def switch_on(self, **settings: Any) -> LoyaltySettings:
        wish = {"is_on": True, "heartland_field": FIELD, "store_field": self.field, "points": 1}
        return loyalty_save(connection=self.connection, actor=None, **(wish | settings))

    def book(self, *prices: str, **more: Any) -> str:
        order_id = self.place(*prices, **more)
        self.look(order_id)
        return order_id

    def look(self, order_id: str) -> None:
        """Look at an order, and work what comes of it."""
        self._run("orders", order_id, timezone.now())
        self.settle()

    def points(self, *, at: datetime | None = None) -> Record:
        """Look at the shopper's points."""
        self._run("points", self.account, at or timezone.now())
        return self.record

    def follow(self, *, at: datetime | None = None) -> int:
        """Look for points that changed, and work what was found; answers how many."""
        now = at or timezone.now()
        Cursor.objects.filter(feed=Cursor.POINTS).update(due_at=now)
        seen = points_follow(connection=self.connection, now=now)
        assert seen is not None, Cursor.objects.get(feed=Cursor.POINTS).failure
        self.settle(at=now)
        return seen.queued

    def methods(self) -> list[str]:
        """Of the calls of the last look at the points."""
        attempt = Attempt.objects.filter(job__flow="points").latest("pk")
        return [call["method"] for step in attempt.steps for call in step["calls"]]

    def settle(self, *, at: datetime | None = None) -> None:
        now = at or timezone.now()
        while job := SyncJob.objects.filter(status="pending", not_before__lte=now).order_by("pk").first():
            job_run(job_id=job.pk, now=now)

    def _run(self, flow: str, external_id: str, now: datetime) -> None:
        job = job_enqueue(connection=self.connection, flow=flow, external_id=external_id, cause="retry", now=now)
        job_run(job_id=job.pk, now=now)

    @property
    def record(self) -> Record:
        return Record.objects.get(connection=self.connection, flow="points", external_id=self.account)

    @property
    def customer(self) -> str:
        """The shopper's customer in Heartland."""
        (row,) = [row for row in self.heartland.rows("customers") if row["email"] == self.email]
        return str(row["id"])

    def at_the_till(self, points: int) -> None:
        self.client.customer_update(self.customer, custom={FIELD: str(points)})

    def both(self) -> tuple[str, str]:
        """What Heartland and the store show."""
        return str(self.client.customer_read(self.customer)["custom"][FIELD]), self.shown()

    def moves(self) -> list[tuple[str, int]]:
        rows = PointsMovement.objects.filter(account=PointsAccount.objects.get()).order_by("pk")
        return [(one.why, one.points) for one in rows]

    def moved(self, why: Cause, points: int, **more: Any) -> None:
        """A movement of before, as the ledger holds it."""
        account, now = PointsAccount.objects.get(), timezone.now()
        more = {"on": now.date(), "at": now, "key": f"test:{why}:{points}#{account.movements.count()}"} | more
        PointsMovement.objects.create(account=account, why=why, points=points, **more)
        account.balance += points
        account.save(update_fields=["balance"])

    def spoil(self, system: str, **fault: Any) -> None:
        """The next write of points there is done, and its answer is lost."""
        method, path = ("PUT", "/customers/[0-9]+") if system == "heartland" else self.writes_field
        sandbox = self.heartland if system == "heartland" else self.store
        sandbox.post("/_sim/faults", {"method": method, "path": path, "times": 1, "after": True, "lose": True} | fault)


def cards_of(amount: str) -> list[JSON]:
    """The line of a card that the shopper buys."""
    return [{"sku": "GIFT-CERT", "quantity": 1, "certificate": {"amount": amount}}] if amount else []


OURS = {"Authorization": "Bearer sim-heartland-token"}


class OfBigCommerce(Shop):
    writes_field = ("PUT", "/v3/customers/attribute-values")

    def lives_at_home(self, customer: JSON) -> bool:
        home = [row for row in self.store.rows("customer_addresses") if row["customer_id"] == customer["id"]]
        return any(row["country_code"] == "US" for row in home[:1])

    def field_made(self) -> str:
        made = self._api("POST", "/v3/customers/attributes", [{"name": "Points", "type": "number"}])
        return str(made["data"][0]["id"])

    def place(self, *prices: str, points: str = "", card: str = "", **recipe: Any) -> str:
        variants = {row["sku"]: row["product_id"] for row in self.store.rows("variants")}
        for sku, price in zip(SKUS, prices, strict=False):
            self._api("PUT", f"/v3/catalog/products/{variants[sku]}", {"price": float(price)})
        if points:
            coupon = {"name": "Points", "code": "PTS-1", "type": "per_total_discount", "amount": points}
            self._api(
                "POST", "/v2/coupons", coupon | {"enabled": True, "applies_to": {"entity": "categories", "ids": [0]}}
            )
            recipe["coupon"] = "PTS-1"
        lines = [{"sku": sku, "quantity": 1} for sku, _ in zip(SKUS, prices, strict=False)] + cards_of(card)
        placed = self.store.post("/_sim/orders", {"lines": lines, "customer": self.email, **recipe})
        return str(placed["ids"][0])

    def show(self, points: int) -> None:
        value = {"customer_id": int(self.account), "attribute_id": int(self.field), "value": str(points)}
        self._api("PUT", "/v3/customers/attribute-values", [value])

    def shown(self) -> str:
        rows = [row for row in self.store.rows("attribute_values") if str(row["customer_id"]) == self.account]
        return str(rows[0]["value"]) if rows else ""

    def group(self) -> int:
        row = next(row for row in self.store.rows("customers") if str(row["id"]) == self.account)
        return int(row["customer_group_id"])

    def leave(self) -> None:
        self._api("DELETE", f"/v3/customers?id:in={self.account}", None)

    def groups_made(self) -> tuple[str, str]:
        made = [self._api("POST", "/v2/customer_groups", {"name": name}) for name in ("Everybody", "Gold")]
        return str(made[0]["id"]), str(made[1]["id"])

    def give_back(self, order_id: str, *lines: int) -> None:
        wanted = {"lines": [{"line": line, "quantity": 1} for line in lines]} if lines else {}
        self.store.post(f"/_sim/orders/{order_id}/refund", wanted)

    def _api(self, method: str, path: str, body: object) -> Any:
        return self.store.write(method, f"/stores/{HASH}{path}", body, {"X-Auth-Token": TOKEN})


class OfMagento(Shop):
    writes_field = ("PUT", "/V1/customers/[0-9]+")

    def __init__(self, connection: Connection, heartland: Sandbox, store: Sandbox, state: Any) -> None:
        self.state = state
        super().__init__(connection, heartland, store)

    def lives_at_home(self, customer: JSON) -> bool:
        home = [row for row in self.store.rows("customer_addresses") if row["customer_id"] == customer["id"]]
        return any(row["country_id"] == "US" for row in home[:1])

    def field_made(self) -> str:
        return FIELD

    def takes_rewards(self) -> bool:
        self.store.put("/_sim/switches", {"profile": "commerce-2.4.8", "integration_as_bearer": True})
        return True

    def place(self, *prices: str, points: str = "", card: str = "", **recipe: Any) -> str:
        if points:
            recipe["rule"] = {"code": "PTS-1", "kind": "cart_fixed", "amount": points}
        lines = [
            {"sku": sku, "type": "simple", "price": price, "quantity": 1}
            for sku, price in zip(SKUS, prices, strict=False)
        ]
        lines += cards_of(card)
        plain = {"payment": "card", "shipping_amount": "5.00", "tax": {"rates": {"TX": "8.25"}, "on_shipping": False}}
        placed = self.store.post("/_sim/orders", {**plain, "lines": lines, "customer": self.email, **recipe})
        return str(placed["ids"][0])

    def show(self, points: int) -> None:
        values = [{"attribute_code": FIELD, "value": str(points)}]
        self.state.update(self.state.customers, int(self.account), {"custom_attributes": values})

    def shown(self) -> str:
        values = self._row()["custom_attributes"] or [] if "custom_attributes" in self._row() else []
        return next((str(one["value"]) for one in values if one["attribute_code"] == FIELD), "")

    def group(self) -> int:
        return int(self._row()["group_id"])

    def leave(self) -> None:
        client = magento_client(self.connection.store)
        client._send("DELETE", client._v1(f"/customers/{self.account}"))

    def groups_made(self) -> tuple[str, str]:
        made = self.state.groups.insert({"code": "Gold", "tax_class_id": 3, "tax_class_name": "Retail Customer"})
        return "1", str(made["id"])

    def give_back(self, order_id: str, *lines: int) -> None:
        wanted = {"lines": [{"line": line, "quantity": 1} for line in lines]} if lines else {}
        self.store.post(f"/_sim/orders/{order_id}/refund", wanted)

    def _row(self) -> JSON:
        return next(row for row in self.store.rows("customers") if str(row["id"]) == self.account)


@pytest.fixture(params=["bigcommerce", "magento"])
def shop(db: None, request: pytest.FixtureRequest) -> Iterator[Shop]:
    pair = request.getfixturevalue(f"{request.param}_pair")
    if request.param == "bigcommerce":
        yield OfBigCommerce(pair.connection, pair.heartland, pair.bigcommerce)
    else:
        yield OfMagento(pair.connection, pair.heartland, pair.magento, pair.shop.app.service.state)
