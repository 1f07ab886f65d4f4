"""What we know of both sides: links between records, value maps, default values."""

from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models

from connections.models import Connection, Location


class LinkQuerySet(models.QuerySet["Link"]):
    def of(self, connection: Connection, kind: "Link.Kind") -> Self:
        return self.filter(connection=connection, kind=kind)


class Link(models.Model):
    """A stored pair: a store's record and Heartland's. Stored in its own transaction the moment an id is known."""

    class Kind(models.TextChoices):
        ORDER = "order", "Order"  # BigCommerce order id ↔ Heartland sales order id
        ITEM = "item", "Item"  # SKU ↔ Heartland item id; several SKUs may sell one item
        CUSTOMER = "customer", "Customer"  # see mappings.core.heartland.customers.customer_key ↔ Heartland customer id
        ADDRESS = "address", "Address"  # customer key + address fingerprint ↔ Heartland address id
        SHIPMENT = "shipment", "Shipment"  # BigCommerce shipment id ↔ Heartland invoice id
        REFUND = "refund", "Refund"  # the store's refund id ↔ Heartland's return
        PART = (
            "part",
            "Part of an order",
        )  # order id#sales order id ↔ one that stays beside its own, as it was split

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source_id = models.CharField(max_length=320)  # the longest is a buyer's e-mail address, with what it is
    target_id = models.CharField(max_length=40)
    target_label = models.CharField(max_length=255, blank=True)  # the number people see, such as an Item #
    fingerprint = models.CharField(max_length=64, blank=True)  # of what we last wrote, to write only differences
    # of an item the variant's id, once read
    store_ref = models.CharField(max_length=40, blank=True, default="", db_default="")
    is_by_hand = models.BooleanField(default=False, db_default=False)  # a person says so, whatever the numbers say
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "source_id"], name="link_source_once"),
            models.UniqueConstraint(
                fields=["connection", "kind", "target_id"],
                name="link_order_once",
                condition=models.Q(kind="order"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["order", "item", "customer", "address", "shipment", "refund", "part"]),
                name="link_kind_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "target_id"], condition=models.Q(kind="shipment"), name="link_of_invoice"
            ),
            models.Index(fields=["connection", "target_id"], condition=models.Q(kind="refund"), name="link_of_return"),
            models.Index(fields=["connection", "target_id"], condition=models.Q(kind="part"), name="link_of_part"),
            models.Index(fields=["connection", "target_id"], condition=models.Q(kind="item"), name="link_of_item"),
            models.Index(fields=["connection", "target_label"], condition=models.Q(kind="item"), name="link_of_number"),
            models.Index(
                fields=["connection", "store_ref"],
                condition=models.Q(kind="item") & ~models.Q(store_ref=""),
                name="link_of_variant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id} ↔ {self.target_id}"


class ValueMap(models.Model):
    """One row of a value table; an empty target is a value seen but not mapped yet. `*` is the default row."""

    class Kind(models.TextChoices):
        STATUS = "status", "Order status"  # a status that is not documented → key of the one it stands for
        PAYMENT = "payment", "Payment method"  # payment method text or tender → Heartland payment type id
        SHIPPING = "shipping", "Shipping method"  # shipping method text → Heartland shipping method id
        CHECKOUT = "checkout", "Checkout field"  # name of a checkout field → key of an order custom field

    DEFAULT = "*"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="value_maps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source_value = models.CharField(max_length=200)
    target_value = models.CharField(max_length=80, blank=True)
    target_label = models.CharField(max_length=255, blank=True)
    is_paid = models.BooleanField(default=False, db_default=False)  # payment methods: counts as paid when ordered
    seen = models.PositiveIntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "source_value"], name="value_map_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["status", "payment", "shipping", "checkout"]), name="value_map_kind_known"
            ),
        ]
        ordering = ["kind", "source_value"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.source_value} → {self.target_label or self.target_value or 'unmapped'}"


class FieldDefault(models.Model):
    """The value for a required Heartland custom field that the store does not supply."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="field_defaults")
    group = models.CharField(max_length=40)  # Heartland's group_id: customer, sales.order, …
    key = models.CharField(max_length=80)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "group", "key"], name="field_default_once")]

    def __str__(self) -> str:
        return f"{self.group}.{self.key} = {self.value}"


class StoreVariant(models.Model):
    """The options of a store variant, read once: they tell a customisation from a choice of variant."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="store_variants")
    variant_id = models.CharField(max_length=40)
    options = models.JSONField(
        default=list
    )  # [{name, value, option_id, value_id}], see mappings.core.canonical.order.VariantOption
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "variant_id"], name="store_variant_once")]

    def __str__(self) -> str:
        return f"Variant {self.variant_id}"


class StockRule(models.Model):
    """What is kept back of some items instead of what the store-wide rule keeps back, or at one location besides.

    An item's own rule wins over its category's. What a location keeps back is taken off before locations are added up.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="stock_rules", db_index=False)
    field = models.CharField(max_length=60, blank=True)  # key of a Heartland item field such as department; "": one SKU
    value = models.CharField(max_length=255)  # of the field, or the SKU; the location's number where one is named
    location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    # why Heartland could not apply it, in words
    problem = models.CharField(max_length=300, blank=True, default="", db_default="")
    safety_units = models.PositiveIntegerField(default=0)
    safety_percent = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    last_units = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "field", "value"], condition=models.Q(location=None), name="stock_rule_once"
            ),
            models.UniqueConstraint(
                fields=["connection", "location"],
                condition=~models.Q(location=None),
                name="stock_rule_of_location",
            ),
            models.CheckConstraint(condition=models.Q(safety_percent__lte=100), name="stock_rule_safety_share"),
        ]
        ordering = ["field", "value"]

    def __str__(self) -> str:
        return f"location {self.location}" if self.location else f"{self.field} {self.value}".strip()


LEFT_ALONE = models.Q(keeps_stock=False) | models.Q(is_tracked=False)  # levels that are never told
UNTRACKED = models.Q(is_tracked=False) & (models.Q(keeps_stock=True) | models.Q(keeps_stock=None))


class StockLevel(models.Model):
    """What the store shows of a linked item's stock at one of its locations: as it was last told, and as last read.

    `quantity` is None while a write is under way, or ended without an answer: then nobody knows what the store holds.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="stock_levels", db_index=False)
    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="stock_levels")
    item_id = models.BigIntegerField()  # Heartland's
    sku = models.CharField(max_length=255)
    rule = models.ForeignKey(StockRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="levels")
    store_location = models.CharField(max_length=80, default="1")  # the store's
    # … and its ids of the SKU; "": not asked yet
    product_id = models.CharField(max_length=80, blank=True, default="", db_default="")
    variant_id = models.CharField(max_length=80, blank=True, default="", db_default="")
    by_product = models.BooleanField(default=False, db_default=False)  # the store counts it under the product's id
    keeps_stock = models.BooleanField(null=True, blank=True)  # whether Heartland counts the item; None: not asked yet
    is_tracked = models.BooleanField(default=True, db_default=True)  # whether the store counts it, as far as we know
    quantity = models.IntegerField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)  # newest entry of Heartland's stock ledger before its stock was read
    pushed_at = models.DateTimeField(null=True, blank=True)
    held = models.IntegerField(null=True, blank=True)  # what the store's own list said …
    held_at = models.DateTimeField(null=True, blank=True)  # … then; None where it may not have shown our last word yet
    clamps = models.CharField(
        max_length=60, blank=True, default="", db_default=""
    )  # mappings.core.rules.stock_arithmetic.Clamp: why not the sum
    pending = models.PositiveIntegerField(default=0)  # pieces on web orders, as last taken off
    moves = models.PositiveIntegerField(default=0, db_default=0)  # entries of Heartland's ledger on `moves_on`
    moves_on = models.DateField(null=True, blank=True)
    is_dirty = models.BooleanField(default=True)  # something else says: perhaps wrong
    refusal = models.CharField(max_length=300, blank=True)  # why it cannot be read or written; tried again by hand

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "store_location"], name="stock_level_of_link_once"),
        ]
        indexes = [
            models.Index(fields=["connection", "item_id", "store_location"], name="stock_level_item"),
            models.Index(fields=["connection", "sku"], name="stock_level_sku"),
            models.Index(fields=["connection", "-link"], name="stock_level_newest"),
            models.Index(fields=["connection"], condition=models.Q(pending__gt=0), name="stock_level_pending"),
            models.Index(fields=["connection"], condition=models.Q(is_dirty=True), name="stock_level_look"),
            models.Index(fields=["connection"], condition=models.Q(moves__gt=0), name="stock_level_moves"),
            models.Index(fields=["connection"], condition=~models.Q(refusal=""), name="stock_level_refused"),
            models.Index(fields=["connection"], condition=~models.Q(clamps=""), name="stock_level_clamped"),
            models.Index(fields=["connection"], condition=models.Q(keeps_stock=False), name="stock_level_left_alone"),
            models.Index(fields=["connection"], condition=models.Q(is_tracked=False), name="stock_level_untracked"),
        ]

    def __str__(self) -> str:
        return f"{self.sku}: {'unknown' if self.shown is None else self.shown}"

    @property
    def shown(self) -> int | None:
        """What the store shows, by the newer of telling and reading; None while nobody knows."""
        is_unanswered = self.quantity is None and self.fence > 0
        if is_unanswered or self.held_at is None or (self.pushed_at and self.pushed_at >= self.held_at):
            return self.quantity
        return self.held

    @property
    def is_left_alone(self) -> bool:
        """Heartland counts no stock of the item, so that its zero says nothing; or the store counts none of it."""
        return self.keeps_stock is False or not self.is_tracked


class Side(models.TextChoices):
    """Whose catalogue a record belongs to."""

    HEARTLAND = "heartland", "Heartland"
    STORE = "store", "Store"


class CatalogueProduct(models.Model):
    """A product of one side as it was last read or written: what previews compare and echoes are known by."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="products", db_index=False)
    side = models.CharField(max_length=12, choices=Side.choices)
    external_id = models.CharField(max_length=40)  # "g77" or "i100412" in Heartland: grid or single item; store: "412"
    facts = models.JSONField(default=dict)  # see mappings.core.canonical.product; of a single item they are its SKU's
    name_key = models.CharField(
        max_length=255, blank=True, default="", db_default=""
    )  # mappings.core.rules.product_limits.name_key
    is_tracked = models.BooleanField(default=True, db_default=True)  # of the store's: whether it keeps stock of it
    written_at = models.DateTimeField(null=True, blank=True)  # by us, last: a change since then may be our echo
    read_in = models.BigIntegerField(default=0)  # the run that read it last: what a whole read did not see is gone

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "side", "external_id"], name="catalogue_product_once"),
            models.CheckConstraint(condition=models.Q(side__in=["heartland", "store"]), name="catalogue_side"),
        ]
        indexes = [
            models.Index(fields=["connection", "side", "id"], name="catalogue_product_walk"),
            models.Index(fields=["connection", "side", "name_key"], name="catalogue_product_name"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.external_id}"


class CatalogueSku(models.Model):
    """A SKU of such a product: a Heartland item, or a store's variant with how it is linked."""

    class State(models.TextChoices):
        LINKED = "linked", "Linked"
        UNLINKED = "unlinked", "Not in Heartland"
        AMBIGUOUS = "ambiguous", "Several may be meant"
        MISMATCH = "mismatch", "Linked, but built differently"
        EXCLUDED = "excluded", "Excluded"
        BLANK = "blank", "Without a SKU"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="skus", db_index=False)
    side = models.CharField(max_length=12, choices=Side.choices)
    product = models.ForeignKey(CatalogueProduct, on_delete=models.CASCADE, related_name="skus")
    external_id = models.CharField(max_length=80)  # Heartland item id, or the store's variant id
    sku = models.CharField(max_length=255)
    folded = models.CharField(max_length=255)  # equal for SKUs that look alike, see mappings.core.rules.near_misses
    barcode = models.CharField(max_length=14, blank=True)  # see mappings.core.canonical.product.barcode_key
    facts = models.JSONField(default=dict)
    read_in = models.BigIntegerField(default=0)
    # of the store's only
    state = models.CharField(max_length=10, choices=State.choices, blank=True, default="", db_default="")
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    suggestion = models.CharField(max_length=255, blank=True, default="", db_default="")  # Item # that may be meant
    score = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "side", "external_id"], name="catalogue_sku_once"),
        ]
        indexes = [
            models.Index(fields=["connection", "side", "sku"], name="catalogue_sku_number"),
            models.Index(fields=["connection", "side", "folded"], name="catalogue_sku_alike"),
            models.Index(
                fields=["connection", "side", "barcode"], condition=~models.Q(barcode=""), name="catalogue_sku_barcode"
            ),
            models.Index(fields=["connection", "state", "sku"], name="catalogue_sku_state"),
            models.Index(
                fields=["connection", "side", "suggestion"],
                condition=~models.Q(suggestion=""),
                name="catalogue_sku_suggestion",
            ),
            models.Index(
                fields=["connection", "sku"],
                condition=models.Q(state__in=["unlinked", "ambiguous", "blank"]),  # what waits for a person
                name="catalogue_sku_open",
            ),
        ]

    def __str__(self) -> str:
        return self.sku or f"{self.side} {self.external_id}"


class ProductTerm(models.Model):
    """A word of a product's name, or a SKU of its and its parts: what search finds it by (core.rules.search_terms)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey(CatalogueProduct, on_delete=models.CASCADE, related_name="terms", db_index=False)
    term = models.CharField(max_length=90)  # PostgreSQL compares it byte by byte: a beginning is a range

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "term"], name="product_term_once")]
        indexes = [models.Index(fields=["connection", "term", "product"], name="product_term_found")]

    def __str__(self) -> str:
        return f"{self.term} of {self.product_id}"
