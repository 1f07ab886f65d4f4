"""How far we read, and bulk runs."""

from django.db import models

from connections.models import Connection, User


class Cursor(models.Model):
    """High-water mark of one feed; moved only after its rows are safely queued, by the other side's clock."""

    ORDERS = "store.orders"
    ORDER_SWEEP = "store.order_sweep"  # its position is the greatest id of an order that was seen
    STORE_SHIPMENTS = "store.shipments"  # these three of stores where an order's clock may stand still
    STORE_REFUNDS = "store.refunds"
    STORE_INVOICES = "store.invoices"
    STOCK = "heartland.stock"  # the ledger; its lease is also the right to write stock to the store
    ITEMS = "heartland.items"
    PRODUCTS = "store.products"
    INVOICES = "heartland.invoices"
    SALES_ORDERS = "heartland.sales_orders"
    TILL_RETURNS = "heartland.till_returns"  # where the store gives back what comes back at a till
    ACCOUNTS = "store.accounts"  # customer accounts; these three only where customers are kept alike
    ACCOUNT_SWEEP = "store.account_sweep"  # its position is the id of the last identity that was looked at
    CUSTOMERS = "heartland.customers"
    CARDS = "cards"  # gift cards of both sides; its position is a moment of Heartland's and the store's newest id
    POINTS = "points"  # loyalty; its position is when the last look began, by our clock
    HELD = "held"  # held records that are looked at again; its position is when news last came

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="cursors")
    feed = models.CharField(max_length=40)  # such as ORDERS
    position = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # a process, where its death is looked at
    lease_owner = models.CharField(max_length=80, blank=True, default="", db_default="")
    due_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True, blank=True)
    news_at = models.DateTimeField(null=True, blank=True)  # when a look last found something new
    found = models.PositiveBigIntegerField(default=0)  # records that the feed saw; of orders: changes, however told
    judged_job = models.PositiveBigIntegerField(default=0, db_default=0)  # jobs up to it count in the next two
    missed_by_hooks = models.PositiveBigIntegerField(default=0)  # of them, those no webhook had told us of
    echoes = models.PositiveBigIntegerField(default=0, db_default=0)  # of them, those that said what we knew
    ours = models.PositiveBigIntegerField(default=0, db_default=0)  # of these, those that we had written ourselves
    failure = models.CharField(max_length=300, blank=True)
    lags = models.JSONField(default=list, db_default=[])  # seconds from a change to its arrival, of the newest ones

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "feed"], name="cursor_once")]

    def __str__(self) -> str:
        return f"{self.feed} at {self.position or 'the beginning'}"


class Run(models.Model):
    """A bulk operation that a person or schedule started, with its progress."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"  # by a person; goes on from its checkpoint
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=30)  # orders_backfill, stock_…, items_…: see syncjobs.bulk.runs
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    total = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    checkpoint = models.CharField(max_length=80, blank=True)  # the last record listed
    due_at = models.DateTimeField(null=True, blank=True)  # of the next slice; a worker at it moves it on
    stuck_since = models.DateTimeField(null=True, blank=True)  # no checkpoint was reached since, only failures
    is_listed = models.BooleanField(default=False)  # True when every record of the run has its job
    result = models.JSONField(default=dict, db_default={})  # counts by name, which add up slice by slice
    sentence = models.TextField(blank=True)
    started_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(kind__startswith="stock", state__in=["running", "paused"]),
                name="run_one_of_stock",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(kind__startswith="items", state__in=["running", "paused"]),
                name="run_one_of_items",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-started_at"], name="run_recent"),
            models.Index(fields=["connection", "state", "-started_at"], name="run_of_state"),
            models.Index(fields=["connection", "-id"], name="run_listed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"


class RunChange(models.Model):
    """One difference that a run found, mended or could not mend."""

    class Kind(models.TextChoices):
        CREATE = "create", "New"
        UPDATE = "update", "Update"
        ARCHIVE = "archive", "Archived"
        CONFLICT = "conflict", "Conflict"
        REFUSED = "refused", "Refused"
        LEFT_OUT = "left_out", "Left out by your choices"
        DIFFERENT = "different", "Differs from what it should be"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="changes", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=255)  # the SKU
    title = models.CharField(max_length=255, blank=True, default="", db_default="")  # of a product
    key = models.CharField(
        max_length=40, blank=True, default="", db_default=""
    )  # … and its id where it is kept, as CatalogueProduct
    details = models.JSONField(default=list, db_default=[])  # of a product: mappings.core.rules.product_changes.Change
    before = models.CharField(max_length=60, blank=True)
    after = models.CharField(max_length=60, blank=True)
    weight = models.BigIntegerField(default=0)  # how big a jump it is: the biggest come first
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["create", "update", "archive", "conflict", "refused", "left_out", "different"]
                ),
                name="run_change_kind_known",
            )
        ]
        indexes = [models.Index(fields=["run", "-weight", "id"], name="run_change_listing")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.before} → {self.after}"


class BeforeImage(models.Model):
    """A product as it was before a run wrote it, and as the run left it: for a day it can be put back.

    An image is what is kept of a product: {product: facts, variants: facts by id}. Nothing in it is personal.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="images", db_index=False)
    key = models.CharField(max_length=80)  # id of the product on the side that the run wrote
    before = models.JSONField(default=dict, db_default={})  # {}: the run made it
    after = models.JSONField(default=dict, db_default={})  # {}: it was not read again
    is_too_large = models.BooleanField(default=False)  # it is not kept, and cannot be put back
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="before_image_once")]
        indexes = [models.Index(fields=["at"], name="before_image_age")]

    def __str__(self) -> str:
        return f"{self.key} before {self.run}"


class StockMove(models.Model):
    """A number that the store was told because something moved: what the availability card lists beside runs."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="stock_moves", db_index=False)
    sku = models.CharField(max_length=255)
    store_location = models.CharField(max_length=80, default="1")
    before = models.IntegerField(null=True, blank=True)  # None: nobody knew
    after = models.IntegerField()
    reason = models.CharField(max_length=300, blank=True)  # why it is not the plain sum
    entry = models.BigIntegerField(default=0)  # of Heartland's ledger, up to which it was read
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["connection", "sku", "-at"], name="stock_move_of_sku"),
            models.Index(fields=["at"], name="stock_move_age"),
        ]

    def __str__(self) -> str:
        return f"{self.sku}: {self.before} → {self.after}"
