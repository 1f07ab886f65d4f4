"""Whatever must be looked up before an order is checked and shaped, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from mappings.core.canonical.order import ZERO


@dataclass(frozen=True, kw_only=True)
class RequiredField:
    """A custom field without which Heartland refuses a record."""

    group: str  # Heartland's group_id, such as "customer"; see the groups of mappings.core.rules.holds
    key: str
    name: str  # the label people see


@dataclass(frozen=True, kw_only=True)
class OrderLookups:
    """All that an order needs from outside itself. Ids are Heartland's, as text; "" means not known or not chosen.

    First filled without customer and addresses, to check the order before anything is written; then with
    `dataclasses.replace(lookups, customer_id=..., ...)`, to shape it.
    """

    store: str  # what its kind is called
    location_id: str  # source location: who gets the revenue credit
    station_id: str
    currency: str  # the one currency of the Heartland tenant; "" when nobody has said it
    item_ids: Mapping[str, str]  # SKU as the line writes it -> item id
    payment_type_ids: Mapping[str, str]  # shaping.tender_key(tender) -> payment type id; mapped tenders only
    shipping_method_ids: Mapping[str, str] = field(
        default_factory=dict
    )  # shipping method text -> shipping method id; mapped methods only
    is_paid: bool = True  # False: what the gateway has to bring is still to come
    taken: Decimal = ZERO  # … but for this part of it
    customer_id: str = ""
    billing_address_id: str = ""
    shipping_address_id: str = ""
    order_prefix: str = "BC-"
    sales_rep: str = ""
    ship_from_id: str | None = None  # None leaves the lines undistributed
    gift_wrap_item_id: str = ""
    fee_item_id: str = ""  # checkout fees and handling
    gift_card_item_id: str = ""  # gift cards that are sold: a liability, never goods
    line_note_field: str = ""  # key of an order-line custom field
    order_fields: Mapping[str, str] = field(
        default_factory=dict
    )  # custom fields of the order: defaults, web order number, source tag
    texts: Mapping[str, str] = field(default_factory=dict)  # those of `order_fields` that hold what people wrote
    line_fields: Mapping[str, str] = field(default_factory=dict)  # custom fields of every line
    payment_fields: Mapping[str, str] = field(default_factory=dict)  # custom fields of every payment
    # only read by mappings.core.rules.holds
    customer_fields: Mapping[str, str] = field(default_factory=dict)  # custom fields of a new customer
    required_fields: tuple[RequiredField, ...] = ()
    near_misses: Mapping[str, str] = field(default_factory=dict)  # unlinked SKU -> near_misses.explain(...)
    holds_customised: bool = True  # False: customisations become a line note
