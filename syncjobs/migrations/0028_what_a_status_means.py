"""Records say what the status of their order means: names are the store's, and merchants change them."""

from typing import Any

from django.db import migrations, models
from django.db.models import Case, Value, When

MEANINGS = {  # the names that BigCommerce, the only kind of store until now, gives its statuses
    "Incomplete": "not_placed",
    "Pending": "unpaid",
    "Shipped": "shipped",
    "Partially Shipped": "part_shipped",
    "Refunded": "refunded",
    "Cancelled": "cancelled",
    "Declined": "declined",
    "Awaiting Payment": "unpaid",
    "Awaiting Pickup": "pickup",
    "Awaiting Shipment": "packed",
    "Completed": "completed",
    "Awaiting Fulfillment": "open",
    "Manual Verification Required": "check",
    "Disputed": "disputed",
    "Partially Refunded": "part_refunded",
}


def meanings_note(apps: Any, schema_editor: Any) -> None:
    """Of records that were read before; those that say it already stay."""
    rows = apps.get_model("syncjobs", "Record").objects.filter(flow="orders", source_meaning="")
    whens = (When(source_status=name, then=Value(meaning)) for name, meaning in MEANINGS.items())
    rows.filter(source_status__in=MEANINGS).update(source_meaning=Case(*whens, default=Value("unknown")))


class Migration(migrations.Migration):
    dependencies = [("syncjobs", "0027_proofs_are_kept")]
    operations = [
        migrations.AddField(
            model_name="record",
            name="source_meaning",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.RunPython(meanings_note, migrations.RunPython.noop),
    ]
