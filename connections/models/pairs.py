"""A Connection: one Heartland account with one store. Settings, links, jobs and errors hang on it."""

import hashlib
import uuid
from datetime import timedelta
from typing import Any, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Lower

from connections.crypto import EncryptedTextField
from connections.models.people import Merchant, theirs
from connections.models.systems import AccessState, HeartlandAccount, Location, Store

DIGEST_LENGTH = 64  # hex signs
OVER = models.Q(state="disconnected") | models.Q(store__state=AccessState.DISCONNECTED)


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(theirs("merchant", user))

    def running(self) -> Self:
        """Connections whose records may move now."""
        return self.filter(
            state=Connection.State.ACTIVE,
            heartland__state=AccessState.CONNECTED,
            store__state=AccessState.CONNECTED,
        )

    def ended(self) -> Self:
        """Disconnected by a person, or its app uninstalled."""
        return self.filter(OVER)

    def alive(self) -> Self:
        return self.exclude(OVER)


class Connection(models.Model):
    """One Heartland account with one store."""

    class State(models.TextChoices):
        SETTING_UP = "setting_up", "Setting up"  # nothing moves yet
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"  # by a person
        DISCONNECTED = "disconnected", "Disconnected"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="connections")
    heartland = models.ForeignKey(HeartlandAccount, on_delete=models.PROTECT, related_name="connections")
    store = models.OneToOneField(Store, on_delete=models.PROTECT, related_name="connection")
    state = models.CharField(max_length=12, choices=State.choices, default=State.SETTING_UP)
    mastery_acknowledged_at = models.DateTimeField(null=True, blank=True)  # "Heartland becomes master of quantities"
    told_events = models.JSONField(default=list, db_default=[])  # that some endpoint of the merchant wants to be told
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # disconnected, or uninstalled; None while it lives
    erased_at = models.DateTimeField(null=True, blank=True)  # what named people was erased after that

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["setting_up", "active", "paused", "disconnected"]),
                name="connection_state_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.heartland} ⇄ {self.store}"

    @property
    def shown_state(self) -> str:
        """The state as a person reads it: nothing is active while one side does not let us in."""
        return "no_access" if self.state == self.State.ACTIVE and not self.is_running else self.state

    @property
    def is_running(self) -> bool:
        """True when records may move now (see ConnectionQuerySet.running)."""
        return (
            self.state == self.State.ACTIVE
            and self.heartland.state == AccessState.CONNECTED
            and self.store.state == AccessState.CONNECTED
        )


class OrderSettings(models.Model):
    """How a store's orders come to Heartland. Ids are Heartland's, as text; blank means not chosen yet."""

    class Customisation(models.TextChoices):
        NOTE = "note", "Write it to the order line"
        HOLD = "hold", "Hold the order for me"

    class GuestPolicy(models.TextChoices):
        MATCH = "match", "Attach to the customer with this e-mail or phone, else create one"
        UNKNOWN = "unknown", "The same, but who gave neither e-mail nor phone goes to one customer"
        DEFAULT = "default", "Use one customer for all guests"

    class Shipping(models.TextChoices):
        STAFF = "staff", "Staff distribute each order"
        ONE = "one", "One location ships everything"
        INVOICED = "invoiced", "One location ships everything, and orders are invoiced at once"
        PRIORITY = "priority", "Several locations ship, the first that has the goods"
        NEAREST = "nearest", "Several locations ship, the nearest that has the goods"
        STORE = "store", "Somebody else ships from one location; orders come down once the store has shipped them"

    class TillReturns(models.TextChoices):
        OFF = "off", "Nothing: staff refund it there"
        STORE = "store", "It gives the money back to what paid, unless the till handed it out itself"
        NOTED = "noted", "It notes what the till gave: no provider is asked"

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="order_settings")
    # statuses by the keys of the store's kind; what they begin with is its profile's `order_defaults`
    eligible_statuses = models.JSONField(default=list)
    source_location = models.ForeignKey(Location, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    payment_type_id = models.CharField(max_length=40, blank=True)  # "BigCommerce External payments"
    # methods without a row of their own are booked as that type; rows of the version before did so unasked
    books_other_payments = models.BooleanField(default=False, db_default=True)
    shipping_method_id = models.CharField(max_length=40, blank=True)  # for methods without a row of their own
    order_prefix = models.CharField(max_length=10, default="BC-")
    # the Heartland tenant in which the prefix is this store's alone, as the database's trigger `order_prefix_tenant`
    # keeps it; blank: another store had it first, and a person has not chosen a new one yet
    tenant = models.CharField(max_length=300, blank=True, default="", db_default="", editable=False)
    sales_rep = models.CharField(max_length=40, default="", blank=True)
    takes_unpaid = models.BooleanField(default=True, db_default=True)  # orders whose money is not taken yet
    shipping = models.CharField(max_length=8, choices=Shipping.choices, default=Shipping.STAFF, db_default="staff")
    ship_from = models.ForeignKey(Location, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_shipping_chosen = models.BooleanField(default=False, db_default=False)  # by a person, be it what it began as
    gift_wrap_item_id = models.CharField(max_length=40, blank=True)
    fee_item_id = models.CharField(max_length=40, blank=True)  # checkout fees and handling
    gift_card_item_id = models.CharField(max_length=40, blank=True, default="", db_default="")  # cards that are sold
    customisation = models.CharField(max_length=6, choices=Customisation.choices, default=Customisation.HOLD)
    number_field = models.CharField(max_length=60, blank=True)  # key of the order custom field for the web order number
    source_field = models.CharField(max_length=60, blank=True)  # … and for the store's reference; both make our mark
    # as all these were before, kept by the database's trigger `order_numbering_kept`: where to look for what was
    # numbered or marked then. Prefixes, and {"number_field", "source_field"}
    former_prefixes = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), editable=False)
    former_marks = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), editable=False)
    # keys of order custom fields for what people wrote (mappings.core.canonical.order.Source); blank leaves it out
    comment_field = models.CharField(max_length=60, blank=True, default="", db_default="")
    # for fields without a row of their own
    checkout_field = models.CharField(max_length=60, blank=True, default="", db_default="")
    staff_notes_field = models.CharField(max_length=60, blank=True, default="", db_default="")
    pickup_field = models.CharField(max_length=60, blank=True, default="", db_default="")
    gift_message_field = models.CharField(max_length=60, blank=True, default="", db_default="")
    line_note_field = models.CharField(max_length=60, blank=True)  # key of a Heartland order-line custom field
    tidies_names = models.BooleanField(default=False, db_default=False)  # JOHN and john become John
    guest_policy = models.CharField(max_length=8, choices=GuestPolicy.choices, default=GuestPolicy.MATCH)
    guest_customer_id = models.CharField(max_length=40, blank=True)
    sends_shipments = models.BooleanField(default=True, db_default=True)  # invoices become shipments of the store
    notifies_shopper = models.BooleanField(default=True, db_default=True)  # so a shipment waits for its tracking number
    # key of an invoice custom field
    tracking_field = models.CharField(max_length=60, blank=True, default="", db_default="")
    carrier_field = models.CharField(max_length=60, blank=True, default="", db_default="")
    # the store takes promised money as goods leave. Where it is refused: the status that its order is moved to, and
    # what the shopper is mailed (mappings.core.rules.shopper_mail); blank does neither
    charges_at_shipment = models.BooleanField(default=False, db_default=False)
    promise_days = models.PositiveSmallIntegerField(default=7, db_default=7)  # a bank's promise holds so long
    refused_status = models.CharField(max_length=40, blank=True, default="", db_default="")
    refused_mail_subject = models.CharField(max_length=150, blank=True, default="", db_default="")
    refused_mail_text = models.TextField(max_length=2000, blank=True, default="", db_default="")
    # what a return at the till becomes in the store, and how long its providers take to settle a payment: until then
    # they can only void all of it
    till_returns = models.CharField(
        max_length=5, choices=TillReturns.choices, default=TillReturns.OFF, db_default="off"
    )
    settle_hours = models.PositiveSmallIntegerField(default=24, db_default=24)
    counts_points = models.BooleanField(default=False, db_default=False)  # kept by the loyalty settings, for the flow
    # what the store gave back is booked by itself; else once a person had a look at what it will become
    books_refunds = models.BooleanField(default=False, db_default=False)
    restocks_refunds = models.BooleanField(default=True, db_default=True)  # returns that we make put pieces back
    tells_pickup_ready = models.BooleanField(default=False, db_default=False)  # else an invoice says: it was collected
    held_statuses = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField())
    )  # waits for a person
    # of the store's order once it is booked, when part of it has left, and all; blank leaves it as the store has it
    booked_status = models.CharField(max_length=40, blank=True, default="", db_default="")
    part_shipped_status = models.CharField(max_length=40, blank=True, default="", db_default="")
    shipped_status = models.CharField(max_length=40, blank=True, default="", db_default="")
    history_start_at = models.DateTimeField(null=True, blank=True)  # older orders are skipped, with that reason

    class Meta:
        verbose_name_plural = "order settings"
        constraints = [
            models.UniqueConstraint(
                "tenant", Lower("order_prefix"), condition=~models.Q(tenant=""), name="order_prefix_once"
            ),
            models.CheckConstraint(
                condition=models.Q(shipping__in=["staff", "priority", "nearest"])
                | models.Q(shipping__in=["one", "invoiced", "store"], ship_from__isnull=False),
                name="shipping_has_location",
            ),
            models.CheckConstraint(
                condition=models.Q(till_returns__in=["off", "store", "noted"]), name="till_returns_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Order settings of {self.connection}"

    @property
    def settling(self) -> timedelta:
        return timedelta(hours=self.settle_hours)

    @property
    def ships_from_one(self) -> bool:
        """Every order is distributed to `ship_from` as it is booked."""
        return self.shipping in {self.Shipping.ONE, self.Shipping.INVOICED, self.Shipping.STORE}

    @property
    def ships_from_several(self) -> bool:
        """The locations that have a turn ship, by it or by how near they are."""
        return self.shipping in {self.Shipping.PRIORITY, self.Shipping.NEAREST}

    @property
    def invoices_at_once(self) -> bool:
        """Orders are invoiced as they are booked: they arrive closed."""
        return self.shipping in {self.Shipping.INVOICED, self.Shipping.STORE}


class ShippingRoute(models.Model):
    """A location that ships web orders, and when its turn is; lower ranks first."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="shipping_routes")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()
    # it is near these, see core.nearness
    areas = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        ordering = ["rank", "pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "location"], name="shipping_route_once")]

    def __str__(self) -> str:
        return f"{self.rank}. {self.location}"


class InventorySettings(models.Model):
    """What of Heartland's stock may be sold online: where it lies, what counts, what is kept back."""

    class Counting(models.TextChoices):  # the names of mappings.core.rules.stock_arithmetic.Counting
        AVAILABLE = "available", "Available: on hand, less what is promised"
        ON_HAND = "on_hand", "On hand, promised or not"
        INCOMING = "incoming", "Available, and in transit between locations"

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="inventory_settings")
    counts_all_locations = models.BooleanField(default=False)
    counting = models.CharField(
        max_length=10, choices=Counting.choices, default=Counting.AVAILABLE, db_default="available"
    )
    safety_units = models.PositiveIntegerField(default=0, db_default=0)
    safety_percent = models.PositiveSmallIntegerField(default=0, db_default=0, validators=[MaxValueValidator(100)])
    last_units = models.PositiveIntegerField(default=0, db_default=0)  # fewer than these are not sold online
    fast_moves = models.PositiveIntegerField(default=0, db_default=0)  # a day make an item a fast one; 0: none is
    fast_units = models.PositiveIntegerField(default=0, db_default=0)  # more of it are kept back
    blind_minutes = models.PositiveIntegerField(default=60, db_default=60)  # without news of stock; 0: no guard
    blind_units = models.PositiveIntegerField(default=2, db_default=2)  # so few are then not offered any more
    follows = models.BooleanField(default=False, db_default=False)  # by itself, from the first full sync on
    # what the last full sync worked by
    plan_stamp = models.CharField(max_length=16, blank=True, default="", db_default="")
    night_from = models.TimeField(null=True, blank=True)  # runs that nobody waits for work between these two
    night_to = models.TimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "inventory settings"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(counting__in=["available", "on_hand", "incoming"]), name="inventory_counting_known"
            ),
            models.CheckConstraint(condition=models.Q(safety_percent__lte=100), name="inventory_safety_share"),
        ]

    def __str__(self) -> str:
        return f"Inventory settings of {self.connection}"


def default_item_fields() -> list[str]:
    return ["title", "price", "description", "images", "categories", "brand", "barcode", "weight"]


class ItemSettings(models.Model):
    """How both catalogues are kept alike. Nothing moves in manual mode."""

    class Mode(models.TextChoices):
        MANUAL = "manual", "Manage manually"
        PUSH = "push", "Push Heartland → store"
        PULL = "pull", "Pull store → Heartland"

    class Archived(models.TextChoices):
        NOTHING = "nothing", "Leave its product as it is"
        HIDE = "hide", "Hide its product from shoppers"
        DISABLE = "disable", "Show it, but do not sell it"
        DELETE = "delete", "Delete its product"

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="item_settings")
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.MANUAL)
    follows = models.BooleanField(default=False)  # by itself, whenever an item changes
    updates = models.BooleanField(default=False)  # False: only new ones
    includes_imageless = models.BooleanField(default=False)
    shows_new = models.BooleanField(default=True)
    moved_fields = models.JSONField(default=default_item_fields)  # names of mappings.core.canonical.product.Field
    blanks_overwrite = models.BooleanField(default=False)
    original_is_regular = models.BooleanField(default=False)
    sells_free = models.BooleanField(default=False, db_default=False)  # what has the price 0 too
    links_by_barcode = models.BooleanField(default=False, db_default=False)  # where one item only has it
    filters = models.JSONField(default=list)  # [{field, operator, value}], see mappings.core.rules.item_filter
    option_keys = models.CharField(max_length=200, blank=True)  # custom fields of grid items, by comma; blank: found
    brand_key = models.CharField(max_length=60, default="brand", blank=True)
    category_key = models.CharField(max_length=60, default="department", blank=True)
    barcode_key = models.CharField(max_length=60, default="upc", blank=True)
    archived = models.CharField(max_length=8, choices=Archived.choices, default=Archived.NOTHING)

    class Meta:
        verbose_name_plural = "item settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(mode__in=["manual", "push", "pull"]), name="item_mode_known"),
            models.CheckConstraint(
                condition=models.Q(archived__in=["nothing", "hide", "disable", "delete"]), name="item_archived_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Item settings of {self.connection}"


class ConnectionLocation(models.Model):
    """A location that was added by hand; only these count unless all do."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="counted_locations")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="+")
    store_location = models.CharField(max_length=80, default="1", db_default="1")  # the store's location that it feeds

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "location"], name="connection_location_once")]

    def __str__(self) -> str:
        return str(self.location)


def token_digest(token: str) -> str:
    """What a hook's address is looked up by: of 256 random bits a plain digest tells nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_digest(text: str) -> bool:
    """False for a token as the version before kept it: those are shorter."""
    return len(text) == DIGEST_LENGTH


class Hook(models.Model):
    """A webhook that we registered at an outside system or people set up there, or the poller that stands in."""

    class State(models.TextChoices):
        LIVE = "live", "Live"
        INACTIVE = "inactive", "Switched off by the sender"
        BLOCKED = "blocked", "Held back by the sender for a while"
        MISSING = "missing", "Not registered"
        POLLED = "polled", "No webhook exists: polled"
        MANUAL = "manual", "Set up by people in the store"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="hooks")
    system = models.CharField(max_length=12)  # a value of ipaas.types.System
    topic = models.CharField(max_length=80)  # BigCommerce scope, Heartland event, polled object, or way of a `HandHook`
    external_id = models.CharField(max_length=40, blank=True)
    path_token = models.CharField(max_length=64, unique=True)  # digest of the unguessable part of the address
    sealed_token = EncryptedTextField(blank=True, default="", db_default="")  # … and that part, for registering it
    plain_until = models.DateTimeField(null=True, blank=True)  # when no worker of the version before reads it plain
    secret = EncryptedTextField(blank=True)  # value of the secret header, or what deliveries are signed with
    state = models.CharField(max_length=10, choices=State.choices, default=State.MISSING)
    checked_at = models.DateTimeField(null=True, blank=True)
    armed_at = models.DateTimeField(null=True, blank=True)  # registered, switched on again or renewed, by us
    lost_at = models.DateTimeField(null=True, blank=True)  # when a check last found a live one gone or switched off
    last_received_at = models.DateTimeField(null=True, blank=True)
    received = models.PositiveBigIntegerField(default=0)
    rejected = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "system", "topic"], name="hook_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["live", "inactive", "blocked", "missing", "polled", "manual"]),
                name="hook_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.topic} ({self.state})"

    @property
    def token(self) -> str:
        """The unguessable part of the address; "" once it is erased."""
        return self.sealed_token or ("" if is_digest(self.path_token) else self.path_token)
