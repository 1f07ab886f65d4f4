"""Undoing a pull: Heartland's items go back to what they were, field by field, where they still are as it left them.

What it made is switched off, not deleted: somebody may have sold it. Custom fields and pictures that it added stay, and
what was changed since stays and is named.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ipaas import failpoints
from mappings.catalogue import GRID
from mappings.core.canonical.product import Direction, Facts, Field
from mappings.core.heartland.undo_bodies import Back, Undo, is_as_left, undo_of_grid, undo_of_item
from mappings.core.rules.product_changes import ACTIVE, Change
from mappings.models import CatalogueProduct, Side
from syncjobs.bulk.batches import in_full
from syncjobs.bulk.undoing_runs import PULL_UNDO, SINCE
from syncjobs.catalogue.apply_products import AT_ONCE, WRITING_SECONDS
from syncjobs.catalogue.before_images import images_of
from syncjobs.catalogue.read_catalogues import heartland_refresh
from syncjobs.catalogue.undo_images import UndoImagesWalk
from syncjobs.catalogue.write_context import OF_ONE_RECORD
from syncjobs.models import BeforeImage, RunChange

FIELDS = {
    "Title": Field.TITLE,
    "Description": Field.DESCRIPTION,
    "Cost": Field.COST,
    "Price": Field.PRICE,
    "Original price": Field.MSRP,
    "Weight": Field.WEIGHT,
    "Active": ACTIVE,
}


@dataclass(kw_only=True)
class Outcome:
    """What becomes of one product."""

    changes: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # what is not put back, in words
    is_off: bool = False  # the run had made it


@dataclass(kw_only=True)
class UndoPullWalk(UndoImagesWalk):
    """Writes to Heartland, which are serial, so its slices are a pull's."""

    reads_heartland = False
    at_once = AT_ONCE[Direction.PULL]

    @property
    def is_over(self) -> bool:
        return super().is_over or time.monotonic() - self.began > WRITING_SECONDS

    def _put_back(self, rows: list[BeforeImage]) -> None:
        keys = [row.key for row in rows]
        heartland_refresh(self.connection, self.heartland, keys)
        now = images_of(self.connection, Side.HEARTLAND, keys)
        for row in rows:
            self.lease.extend()
            self._record(row, self._product(row, now.get(row.key)))
        heartland_refresh(self.connection, self.heartland, keys)
        ours = CatalogueProduct.objects.filter(connection=self.connection, side=Side.HEARTLAND, external_id__in=keys)
        ours.update(written_at=self.now)
        self.counts["looked_at"] += len(rows)

    def _product(self, row: BeforeImage, now: dict[str, Any] | None) -> Outcome:
        if now is None:
            return Outcome(left=["Heartland has it no more."])
        if row.is_too_large or not row.after:
            return Outcome(left=["It is not known how the run left it."])
        found = Outcome(is_off=not row.before)
        try:
            self._head(row, now, found)
            for item_id, after in row.after["variants"].items():
                before = row.before["variants"].get(item_id) if row.before else None
                self._item(item_id, before, after, now["variants"].get(item_id), found)
        except OF_ONE_RECORD as failure:
            found.left.append(in_full(failure))
        return found

    def _head(self, row: BeforeImage, now: dict[str, Any], found: Outcome) -> None:
        """What a grid's items share."""
        if row.before and row.key.startswith(GRID):
            undo = undo_of_grid(row.before["product"], row.after["product"], now["product"])
            if undo.body:
                self.heartland.grid_update(row.key[1:], undo.body)
                failpoints.passing("items.undone")
            self._told(undo, "", found)

    def _item(self, item_id: str, before: Facts | None, after: Facts, now: Facts | None, found: Outcome) -> None:
        number = str(after.get("number") or item_id)
        if now is None:
            found.left.append(f"{number}: Heartland has it no more.")
        elif before is None:
            self._off(item_id, number, after, now, found)
        else:
            undo = undo_of_item(before, after, now)
            if undo.body:
                self.heartland.item_update(item_id, undo.body)
                failpoints.passing("items.undone")
            self._told(undo, number, found)

    def _off(self, item_id: str, number: str, after: Facts, now: Facts, found: Outcome) -> None:
        """What the run made is switched off, unless somebody worked on it since."""
        is_on = bool(now.get("active?"))
        if not is_on and not after.get("active?"):
            return
        if not is_as_left({**after, "active?": is_on}, now):
            found.left.append(f"{number}: {SINCE}")
            return
        if is_on:
            self.heartland.item_update(item_id, {"active": False})
            failpoints.passing("items.undone")
        found.changes.append(Change(field=ACTIVE, sku=number, before="yes", after="no"))

    def _told(self, undo: Undo, number: str, found: Outcome) -> None:
        found.changes += [self._change(one, number) for one in undo.back]
        if undo.moved:
            found.left.append(f"{f'{number}: ' if number else ''}{', '.join(undo.moved)}: {SINCE}")

    def _change(self, back: Back, number: str) -> Change:
        """As runs show it: custom fields by what they hold for us."""
        keys: Mapping[str, Field] = {
            self.policy.brand_key: Field.BRAND,
            self.policy.category_key: Field.CATEGORIES,
            self.policy.barcode_key: Field.BARCODE,
        }
        place = FIELDS.get(back.name) or keys.get(back.name, Field.CATEGORIES)
        return Change(field=place, sku=number, before=back.now, after=back.before)

    def _record(self, row: BeforeImage, found: Outcome) -> None:
        """One line a product: what was put back, and what was not, by name."""
        if found.changes:
            self.counts["back"] += 1
        elif found.left:
            self.counts["left"] += 1
        else:
            return
        off, updated, conflict = RunChange.Kind.ARCHIVE, RunChange.Kind.UPDATE, RunChange.Kind.CONFLICT
        kind = (off if found.is_off else updated) if found.changes else conflict
        self.counts[kind.value] += 1
        shown = row.before or row.after
        first: Facts = next(iter(shown.get("variants", {}).values()), {})
        head: Facts = shown.get("product", {})
        title = head.get("item_description") or head.get("description") or first.get("description") or row.key
        self.noted.append(
            RunChange(
                run=self.run, kind=kind, subject=str(first.get("number") or row.key)[:255], title=str(title)[:255],
                key=row.key[:40], details=[change.stored() for change in found.changes],
                reason=" ".join(found.left)[:300],
            )
        )  # fmt: skip


WALKS = {PULL_UNDO: UndoPullWalk}
