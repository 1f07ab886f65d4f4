"""What Heartland offers to choose from, remembered for a while so that a page does not ask on every view."""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.cache import cache

from connections import clients
from connections.models import HeartlandAccount
from errors.failures import NotFound, SyncFailure
from ipaas.cache import kept

ORDER_GROUP = "sales.order"
CUSTOMER_GROUP = "customer"
LINE_GROUP = "sales.order.line_item"
TRANSACTION_GROUP = "sales.transaction"
KEPT_SECONDS = 3_600
KEPT_AFTER_FAILURE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Ids and names from Heartland. `problem` says why they are missing."""

    payment_types: list[tuple[str, str]] = field(default_factory=list)
    shipping_methods: list[tuple[str, str]] = field(default_factory=list)
    order_fields: list[tuple[str, str]] = field(default_factory=list)  # custom fields of sales orders: key, name
    line_fields: list[tuple[str, str]] = field(default_factory=list)  # … and of their lines
    invoice_fields: list[tuple[str, str]] = field(default_factory=list)  # … and of tickets and invoices
    customer_fields: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""


def choices(account: HeartlandAccount, *, fresh: bool = False) -> Choices:
    """The account's lists; asked for when nobody has in the last hour, or when `fresh`."""
    key = f"heartland-lists:{account.pk}"
    known = None if fresh else kept(key, _choices_of)
    if known is None:
        known = ask(account)
        cache.set(key, asdict(known), KEPT_AFTER_FAILURE_SECONDS if known.problem else KEPT_SECONDS)
    return known


def _choices_of(value: dict[str, Any]) -> Choices:
    lists = {name: [(str(key), str(label)) for key, label in value[name]] for name in value.keys() - {"problem"}}
    return Choices(problem=str(value["problem"]), **lists)


def ask(account: HeartlandAccount) -> Choices:
    """Six calls to Heartland; a failure becomes its sentence."""
    try:
        client = clients.heartland_setup_client(account)
        return Choices(
            payment_types=named(client.payment_types()),
            shipping_methods=named(client.shipping_methods()),
            order_fields=keyed(client.custom_fields(group=ORDER_GROUP)),
            line_fields=keyed(client.custom_fields(group=LINE_GROUP)),
            customer_fields=keyed(client.custom_fields(group=CUSTOMER_GROUP)),
            invoice_fields=keyed(client.custom_fields(group=TRANSACTION_GROUP)),
        )
    except SyncFailure as failure:
        return Choices(problem=failure.summary)


def named(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Active rows as (id, name), by name."""
    active = [row for row in rows if row.get("active?", row.get("active", True))]
    return sorted(((str(row["id"]), str(row.get("name") or row["id"])) for row in active), key=lambda pair: pair[1])


def keyed(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Custom fields as (key, name), by name."""
    return sorted(((str(row["key"]), str(row.get("name") or row["key"])) for row in rows), key=lambda pair: pair[1])


def item_by_number(account: HeartlandAccount, number: str) -> tuple[str, str] | None:
    """Id and Item # of the active item with exactly this number; None when there is none. Raises SyncFailure."""
    item = clients.heartland_setup_client(account).items_by_numbers([number]).get(number)
    if item is None or not item.get("active?", True):
        return None
    cache.set(f"heartland-item:{account.pk}:{item['id']}", number, None)
    return str(item["id"]), number


def customer_chosen(account: HeartlandAccount, number: str) -> tuple[str, str]:
    """Id of the active customer with this Customer #, else with this id; and "", or why there is none, in words."""
    try:
        found = customer_by_number(account, number)
    except SyncFailure as failure:
        return "", f"Heartland could not be asked: {failure.summary}"
    if found is None:
        return "", f"Heartland has no customer with Customer # or id {number}."
    if found.get("deleted_at") or not found.get("active?", True):
        return "", f"Customer {number} is switched off in Heartland."
    return str(found["id"]), ""


def customer_by_number(account: HeartlandAccount, number: str) -> dict[str, Any] | None:
    """The customer with this Customer #, else with this id; None when there is none. Raises SyncFailure."""
    client = clients.heartland_setup_client(account)
    found = next((row for row in client.customers_by_number(number) if str(row.get("public_id")) == number), None)
    if found is None and number.isascii() and number.isdigit():
        try:
            return client.customer_read(number)
        except NotFound:
            return None
    return found


def customer_number(account: HeartlandAccount, customer_id: str) -> str:
    """The Customer # of an id, for showing; the id itself when Heartland does not answer or has nobody."""
    if not customer_id:
        return ""
    key = f"heartland-customer:{account.pk}:{customer_id}"
    known = cache.get(key)
    if known is None:
        try:
            known = str(clients.heartland_setup_client(account).customer_read(customer_id).get("public_id") or "")
        except SyncFailure:
            return customer_id
        cache.set(key, known, KEPT_SECONDS)
    return str(known) or customer_id


def item_number(account: HeartlandAccount, item_id: str) -> str:
    """The Item # of an id, for showing; the id itself when Heartland does not answer."""
    if not item_id:
        return ""
    key = f"heartland-item:{account.pk}:{item_id}"
    known = cache.get(key)
    if known is None:
        try:
            known = str(clients.heartland_setup_client(account).item_read(item_id)["public_id"])
        except (SyncFailure, KeyError):
            return item_id
        cache.set(key, known, None)
    return str(known)
