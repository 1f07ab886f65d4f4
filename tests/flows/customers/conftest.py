"""Customers on both sides, over real HTTP: the same cases for both kinds of store."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from connections.models import Connection
from ipaas.types import JSON
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.models import Attempt, CustomerIdentity, CustomerSettings, Record, SyncJob
from syncjobs.stories.demo.sim import Sandbox
from tests.flows.conftest import BUYER, heartland_server, open_store
from tests.flows.conftest import pair as bigcommerce_pair
from tests.flows.magento.conftest import line, open_shop
from tests.flows.magento.conftest import pair as magento_pair

__all__ = ["bigcommerce_pair", "heartland_server", "magento_pair", "open_shop", "open_store"]

GROUPS = ("Everybody", "Wholesale")
HOME = {
    "first_name": "Ana", "last_name": "Lopez", "line_1": "12 Elm St", "city": "Austin", "state": "TX",
    "postal_code": "78701", "country": "US", "phone": "5125550100",
}  # fmt: skip


@dataclass
class World(ABC):
    """Both systems with their people, and our side of them."""

    kind: ClassVar[str]
    heartland: Sandbox
    store: Sandbox
    connection: Connection
    pair: Any
    written: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        CustomerSettings.objects.create(connection=self.connection, is_on=True)

    def settings(self, **changes: Any) -> None:
        CustomerSettings.objects.filter(connection=self.connection).update(**changes)

    # Heartland, as its staff write to it

    def customer(self, *homes: Mapping[str, Any], **fields: Any) -> str:
        """A customer of Heartland's with addresses; answers the id."""
        client = self.pair.heartland_client()
        known = {"first_name": "Ana", "last_name": "Lopez", "email": "ana@example.org", "phone_number": "5125550100"}
        made: str = client.customer_create(known | fields)
        for home in homes:
            client.address_create(made, HOME | dict(home))
        return made

    def edit(self, customer_id: str, **fields: Any) -> None:
        self.pair.heartland_client().customer_update(customer_id, **fields)

    def person(self, customer_id: str) -> JSON:
        found: JSON = self.pair.heartland_client().customer_read(customer_id)
        return found

    def homes(self, customer_id: str) -> list[JSON]:
        found: list[JSON] = self.pair.heartland_client().customer_addresses(customer_id)
        return found

    def customers(self) -> list[JSON]:
        """All of Heartland's who are switched on."""
        return [row for row in self.heartland.rows("customers") if row["active"]]

    def lose(self, path: str) -> None:
        """Heartland does the next such thing, and its answer is lost."""
        fault = {"method": "POST", "path": path, "times": 1, "after": True, "lose": True}
        self.heartland.post("/_sim/faults", fault)

    # the store, as a shopper or its staff write to it

    @abstractmethod
    def account(self, *homes: Mapping[str, Any], **fields: Any) -> str:
        """An account with addresses, the first of them for bills, the second for parcels; answers its id."""

    @abstractmethod
    def shopper_edits(self, account_id: str, **fields: Any) -> None:
        """Change fields of an account: first_name, last_name, email, phone, consent, group."""

    @abstractmethod
    def shopper(self, account_id: str) -> dict[str, Any]:
        """The account as the store itself has it, under those names."""

    @abstractmethod
    def streets(self, account_id: str) -> dict[str, str]:
        """Street by id of the address."""

    def book(self, account_id: str) -> list[JSON]:
        """Its addresses, as the store holds them."""
        rows = self.store.rows("customer_addresses")
        return [row for row in rows if str(row["customer_id"]) == account_id]

    @abstractmethod
    def move_in(self, account_id: str, home: Mapping[str, Any]) -> None:
        """The shopper adds an address."""

    @abstractmethod
    def groups_made(self) -> tuple[str, str]:
        """Ids of the group of everybody and of the wholesale group."""

    @abstractmethod
    def points_field(self) -> str:
        """The key of the store's field of points."""

    @abstractmethod
    def close(self, account_id: str) -> None:
        """The account is deleted."""

    @abstractmethod
    def order(self, shopper: str = "", **recipe: Any) -> JSON:
        """An account's holder, or a guest, orders and the order is booked; answers Heartland's sales order."""

    def mails(self) -> int:
        """How many mails the store has sent to people about their account."""
        return len(self.store.rows("mails")) if self.kind == "magento" else 0

    # ours

    def failed_at(self, account_id: str) -> str:
        """Where the last look ended, for who reads a failed test."""
        attempt = Attempt.objects.filter(job__flow="customers", job__external_id=account_id).latest("pk")
        return f"{attempt.sentence} {attempt.steps[-1]}"

    def told(self, flow: str) -> str:
        """What the timeline of the flow's newest record says."""
        attempt = Attempt.objects.filter(job__flow=flow).latest("pk")
        return " ".join(str(step["decision"]) for step in attempt.steps)

    def run(self, account_id: str) -> str:
        """Look at an account now; answers how that ended."""
        return self.run_flow("customers", account_id)

    def run_flow(self, flow: str, external_id: str) -> str:
        now = timezone.now()
        job = job_enqueue(connection=self.connection, flow=flow, external_id=external_id, cause="retry", now=now)
        return job_run(job_id=job.pk, now=now)

    def settle(self, *, at: timedelta = timedelta()) -> None:
        """Work all that is due, and what comes of it."""
        now = timezone.now() + at
        while job := SyncJob.objects.filter(status=SyncJob.Status.PENDING, not_before__lte=now).order_by("pk").first():
            job_run(job_id=job.pk, now=now)

    def calls(self, account_id: str) -> list[str]:
        """The calls of the last look, by method and system."""
        attempt = Attempt.objects.filter(job__flow="customers", job__external_id=account_id).latest("pk")
        return [f"{call['system']} {call['method']}" for step in attempt.steps for call in step["calls"]]

    def writes(self, account_id: str) -> list[str]:
        return [call for call in self.calls(account_id) if not call.endswith(" GET")]

    def record(self, account_id: str) -> Record:
        return Record.objects.get(connection=self.connection, flow="customers", external_id=account_id)

    def identity(self, account_id: str) -> CustomerIdentity:
        return CustomerIdentity.objects.get(connection=self.connection, account_id=account_id)


class AtBigCommerce(World):
    kind = "bigcommerce"

    def account(self, *homes: Mapping[str, Any], **fields: Any) -> str:
        known = {"first_name": "Ana", "last_name": "Lopez", "email": "ana@example.org", "phone": "(512) 555-0100"}
        made = self.pair.store_client().customer_create(self._body(known | fields))
        for home in homes:
            self.move_in(str(made["id"]), home)
        return str(made["id"])

    def move_in(self, account_id: str, home: Mapping[str, Any]) -> None:
        row = HOME | dict(home)
        entry = {
            "customer_id": int(account_id), "first_name": row["first_name"], "last_name": row["last_name"],
            "address1": row["line_1"], "city": row["city"], "state_or_province": "Texas",
            "postal_code": row["postal_code"], "country_code": "US", "phone": row["phone"],
        }  # fmt: skip
        self.pair.store_client().customer_addresses_create([entry])

    def groups_made(self) -> tuple[str, str]:
        made = [
            self.pair.store_client()._send("POST", "/v2/customer_groups", body={"name": name}).data for name in GROUPS
        ]
        return str(made[0]["id"]), str(made[1]["id"])

    def _body(self, fields: Mapping[str, Any]) -> JSON:
        names = {"consent": "accepts_product_review_abandoned_cart_emails", "group": "customer_group_id"}
        body = {names.get(name, name): value for name, value in fields.items() if name != "website"}
        return body | ({"channel_ids": [fields["website"]]} if "website" in fields else {})

    def points_field(self) -> str:
        body = [{"name": "Points", "type": "number"}]
        return str(self.pair.store_client()._send("POST", "/v3/customers/attributes", body=body).data["data"][0]["id"])

    def shopper_edits(self, account_id: str, **fields: Any) -> None:
        self.pair.store_client().customer_update(account_id, **self._body(fields))

    def shopper(self, account_id: str) -> dict[str, Any]:
        row = next(row for row in self.store.rows("customers") if str(row["id"]) == account_id)
        kept = {name: row[name] for name in ("first_name", "last_name", "email", "phone")}
        return kept | {
            "consent": row["accepts_product_review_abandoned_cart_emails"],
            "group": row["customer_group_id"],
        }

    def streets(self, account_id: str) -> dict[str, str]:
        rows = self.store.rows("customer_addresses")
        return {
            str(row["id"]): f"{row['address1']}, {row['postal_code']}"
            for row in rows
            if str(row["customer_id"]) == account_id
        }

    def close(self, account_id: str) -> None:
        self.pair.store_client()._send("DELETE", "/v3/customers", params=[("id:in", account_id)])

    def order(self, shopper: str = "", **recipe: Any) -> JSON:
        wanted = {"lines": [{"sku": "DOG-LEAD", "quantity": 1}]} | ({"customer": shopper} if shopper else {})
        guest = {"guest": BUYER | recipe["guest"]} if "guest" in recipe else {"guest": None}
        order_id = self.pair.book(**wanted, **guest)
        found: JSON = self.pair.heartland_client().order_read(self.pair.record(order_id).target_id)
        return found


class AtMagento(World):
    kind = "magento"

    def account(self, *homes: Mapping[str, Any], **fields: Any) -> str:
        known = {"first_name": "Ana", "last_name": "Lopez", "email": "ana@example.org", "website": 1} | fields
        phone = known.pop("phone", "(512) 555-0100")
        addresses = [
            self._address(HOME | {"phone": phone} | dict(home))
            | {"default_billing": place == 0, "default_shipping": place == min(1, len(homes) - 1)}
            for place, home in enumerate(homes or ({},))
        ]
        made = self.client().customer_create({**self._body(known), "addresses": addresses})
        return str(made["id"])

    def client(self) -> Any:
        from connections.connect.magento import clients as store_clients

        return store_clients.magento_client(self.connection.store)

    def _body(self, fields: Mapping[str, Any]) -> JSON:
        names = {"first_name": "firstname", "last_name": "lastname", "group": "group_id", "website": "website_id"}
        body: JSON = {names.get(name, name): value for name, value in fields.items() if name != "consent"}
        return body | ({"extension_attributes": {"is_subscribed": fields["consent"]}} if "consent" in fields else {})

    def _address(self, row: Mapping[str, Any]) -> JSON:
        return {
            "firstname": row["first_name"], "lastname": row["last_name"], "street": [row["line_1"]],
            "city": row["city"], "region": {"region_code": row["state"]}, "postcode": row["postal_code"],
            "country_id": row["country"], "telephone": row["phone"],
        }  # fmt: skip

    def shopper_edits(self, account_id: str, **fields: Any) -> None:
        row = self.client().customer_read(account_id)
        body = {"email": row["email"], "firstname": row["firstname"], "lastname": row["lastname"]} | self._body(fields)
        if phone := body.pop("phone", None):
            book = [one | ({"telephone": phone} if one.get("default_billing") else {}) for one in row["addresses"]]
            body["addresses"] = book
        self.client().customer_update(account_id, body)

    def shopper(self, account_id: str) -> dict[str, Any]:
        row = self.client().customer_read(account_id)
        home = next(one for one in row["addresses"] if one.get("default_billing"))
        return {
            "first_name": row["firstname"], "last_name": row["lastname"], "email": row["email"],
            "phone": home["telephone"], "consent": row["extension_attributes"]["is_subscribed"],
            "group": row["group_id"], "default_billing": row["default_billing"],
            "default_shipping": row["default_shipping"],
        }  # fmt: skip

    def streets(self, account_id: str) -> dict[str, str]:
        rows = self.store.rows("customer_addresses")
        return {
            str(row["id"]): f"{row['street'][0]}, {row['postcode']}"
            for row in rows
            if str(row["customer_id"]) == account_id
        }

    def close(self, account_id: str) -> None:
        self.client()._send("DELETE", self.client()._v1(f"/customers/{account_id}"))

    def groups_made(self) -> tuple[str, str]:
        return "1", "2"

    def points_field(self) -> str:
        return "loyalty_points"

    def merge(self, *former: str, into: str, deletes: bool = False) -> bool:
        """A module of the shop's puts accounts together; answers whether it tells us."""
        wish = {"from": [int(one) for one in former], "into": int(into), "deletes": deletes}
        return bool(self.store.post("/_sim/customers/merge", wish)["told"])

    def move_in(self, account_id: str, home: Mapping[str, Any]) -> None:
        row = self.client().customer_read(account_id)
        names = {name: row[name] for name in ("email", "firstname", "lastname")}
        added = [*row["addresses"], self._address(HOME | dict(home))]
        self.client().customer_update(account_id, {**names, "addresses": added})

    def order(self, shopper: str = "", **recipe: Any) -> JSON:
        guest = {"guest": BUYER | recipe["guest"]} if "guest" in recipe else {"guest": None, "customer": shopper}
        order_id = self.pair.book(line("DOG-LEAD", "18.00"), **guest)
        found: JSON = self.pair.there(order_id)
        return found


KINDS = {"bigcommerce": AtBigCommerce, "magento": AtMagento}


@pytest.fixture(params=list(KINDS))
def world(request: pytest.FixtureRequest, db: None) -> World:
    kind = request.param
    pair = request.getfixturevalue(f"{kind}_pair")
    return KINDS[kind](pair.heartland, getattr(pair, kind), pair.connection, pair)


@pytest.fixture
def shop(request: pytest.FixtureRequest, db: None) -> AtMagento:
    """What only Magento has."""
    pair = request.getfixturevalue("magento_pair")
    return AtMagento(pair.heartland, pair.magento, pair.connection, pair)
