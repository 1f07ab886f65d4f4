"""Orders that came before are found by parts of their numbers, their SKUs and tracking numbers as well.

Who ordered is known again when an order is looked at the next time. May be run again, and while others write.
"""

from collections.abc import Iterator
from typing import Any

from django.db import migrations

from mappings.core.rules.search_terms import LONGEST, number_terms, plain

AT_ONCE = 500


def fill(apps: Any, schema_editor: Any) -> None:
    records, terms = (apps.get_model("syncjobs", name).objects for name in ("Record", "OrderTerm"))
    last = 0
    while page := list(records.filter(pk__gt=last, flow__in=["orders", "shipments"]).order_by("pk")[:AT_ONCE]):
        last = page[-1].pk
        made = [
            terms.model(
                connection_id=record.connection_id,
                external_id=record.order_id or record.external_id,
                kind=kind,
                term=term,
                placed_at=record.source_placed_at or record.first_seen_at,
            )
            for record in page
            for kind, term in terms_of(record)
        ]
        terms.bulk_create(made, ignore_conflicts=True, batch_size=5_000)


def terms_of(record: Any) -> Iterator[tuple[str, str]]:
    if record.flow == "shipments":
        tracking = record.facts.get("tracking") or [] if record.order_id else []
        yield from (("tracking", term) for term in number_terms(map(str, tracking)))
        return
    yield from (("number", term) for term in number_terms([record.external_id, record.number, record.target_label]))
    skus = (plain(str(line.get("sku") or ""))[:LONGEST] for line in record.facts.get("lines") or [])
    yield from (("sku", f"={sku}") for sku in dict.fromkeys(skus) if sku)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("syncjobs", "0036_search_terms")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
