"""Undoing a push: the store's products go back to what they were, field by field, where they still are as it left them.

What it made is hidden from shoppers, not deleted: somebody may have bought it. What cannot be put back (a picture, a
new variant, what was taken off sale) and what was changed since stays, and is named.
"""

from dataclasses import dataclass, field, replace

from ipaas.types import JSON
from mappings.catalogue import store_products
from mappings.core.canonical.product import Product
from mappings.core.rules.product_changes import jump
from mappings.core.rules.undoing import is_same, staying, undo_of
from mappings.models import CatalogueProduct, Side
from syncjobs.bulk.undoing_runs import ITEMS_UNDO, SINCE
from syncjobs.catalogue.before_images import product_of
from syncjobs.catalogue.planning import Planned, Verdict
from syncjobs.catalogue.read_catalogues import store_refresh
from syncjobs.catalogue.to_store import Entry, send_all
from syncjobs.catalogue.undo_images import UndoImagesWalk
from syncjobs.catalogue.write_context import WriteContext
from syncjobs.models import BeforeImage, RunChange
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Catalogue

TOO_LARGE = "It has too many variants for what it was to be kept."


@dataclass(kw_only=True)
class UndoPushWalk(UndoImagesWalk):
    """Writes to the store."""

    at_once = 50

    entries: list[Entry] = field(default_factory=list)  # to be written for the batch in hand

    def __post_init__(self) -> None:
        super().__post_init__()
        self.catalogue: Catalogue = store_of(self.connection.store, self.guard).catalogue

    def _put_back(self, rows: list[BeforeImage]) -> None:
        keys = [row.key for row in rows]
        store_refresh(self.connection, self.catalogue, keys)
        now = store_products(self.connection, keys, self.policy)
        context = self._context()
        self.entries = []
        plans = {row.key: self._planned(row, now.get(row.key)) for row in rows}
        send_all(context, self.entries)
        if self.entries:
            store_refresh(self.connection, self.catalogue, keys)
            written = CatalogueProduct.objects.filter(connection=self.connection, side=Side.STORE)
            written.filter(external_id__in=[one.key for one, _ in self.entries]).update(written_at=self.now)
            now = store_products(self.connection, keys, self.policy)
        for row in rows:
            self._record(row, plans[row.key], now.get(row.key), context.refused.get(row.key, ""))
        self.counts["looked_at"] += len(rows)

    def _planned(self, row: BeforeImage, now: Product | None) -> Planned | str:
        """What puts a product back, with its edits noted; or why nothing does, "" where nothing has to."""
        if now is None:
            return "The store has it no more."
        if row.is_too_large or not row.after:
            return TOO_LARGE if row.is_too_large else "It is not known how the run left it."
        after = product_of(row.key, row.after, self.policy)
        if not row.before:
            return self._hidden(row, after, now)
        before = product_of(row.key, row.before, self.policy)
        undo = undo_of(before, after, now, self.policy)
        if undo.moved and not undo.changes:
            return f"{', '.join(undo.moved)}: {SINCE}"
        changes = undo.changes or undo_of(before, after, after, self.policy).changes  # a try before put them back
        plan = Planned(key=row.key, verdict=Verdict.UPDATE, source=before, target=now, changes=list(changes))
        if not undo.changes:
            return plan if changes else ""
        ids = [str(one) for one in row.before["product"].get("category_ids") or []]
        edits = self.catalogue.edits(before, now, plan.changes, self.policy, category_ids=ids)
        self.entries += [(plan, edit) for edit in edits]
        return plan

    def _hidden(self, row: BeforeImage, after: Product, now: Product) -> Planned | str:
        """What the run made is hidden, unless somebody worked on it since."""
        plan = Planned(key=row.key, verdict=Verdict.ARCHIVE, source=now, target=now, reason="Hidden from shoppers.")
        if not now.is_active:
            was_hidden_since = after.is_active and is_same(replace(after, is_active=False), now, self.policy)
            return plan if was_hidden_since else ""
        if not is_same(after, now, self.policy):
            return SINCE
        self.entries.append((plan, self.catalogue.withdrawal(row.key, is_hidden=True)))
        return plan

    def _record(self, row: BeforeImage, plan: Planned | str, now: Product | None, refusal: str) -> None:
        """One line a product: what was put back, and what was not, by name."""
        title = str((row.before or row.after).get("product", {}).get("name") or row.key)
        if isinstance(plan, str):
            if plan:
                self._left(row, title, plan)
            return
        stays = list[str]()
        if row.before and now:
            before, after = (product_of(row.key, image, self.policy) for image in (row.before, row.after))
            stays = staying(before, after, now, self.policy)
        reason = refusal or (f"Not put back: {', '.join(stays)}." if stays else plan.reason)
        if refusal:
            self._left(row, title, refusal)
            return
        self.counts.update({"back": 1, plan.verdict: 1})
        self.noted.append(
            self._change(row, title, plan.verdict, reason, [change.stored() for change in plan.changes], plan)
        )

    def _left(self, row: BeforeImage, title: str, reason: str) -> None:
        self.counts.update({"left": 1, RunChange.Kind.CONFLICT.value: 1})
        self.noted.append(self._change(row, title, RunChange.Kind.CONFLICT, reason, [], None))

    def _change(
        self, row: BeforeImage, title: str, kind: str, reason: str, details: list[JSON], plan: Planned | None
    ) -> RunChange:
        variants = (row.before or row.after).get("variants", {}).values()
        return RunChange(
            run=self.run, kind=kind, subject=str(next((one.get("number") for one in variants), "") or row.key)[:255],
            title=title[:255], key=row.key[:40], details=details, reason=reason[:300],
            weight=jump(plan.changes) if plan else 0,
        )  # fmt: skip

    def _context(self) -> WriteContext:
        return WriteContext(
            connection=self.connection,
            settings=self.settings,
            heartland=self.heartland,
            store=self.catalogue,
            still_ours=self.lease.extend,
        )


WALKS = {ITEMS_UNDO: UndoPushWalk}
