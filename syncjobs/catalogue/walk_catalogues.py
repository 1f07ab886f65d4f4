"""Runs that read both catalogues whole: *Check all items* links them, a preview also says what would be done.

Items and products are kept as they are read, page by page and by ascending id, so that a kill costs one page and a
million of them no more memory than a thousand.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from connections.models import Connection, ItemSettings
from ipaas.counts import many
from ipaas.types import JSON
from mappings.catalogue import grids_remember, items_remember, products_remember, unseen_forget
from mappings.core.canonical.product import Product
from mappings.core.heartland.products import key_of
from mappings.core.rules.product_changes import jump
from mappings.link_states import mismatches_note, states_settle, store_rows
from mappings.models import CatalogueProduct, CatalogueSku, Side
from syncjobs.bulk.run_walk import Walk
from syncjobs.catalogue.choices import choices_version, item_settings, policy_of
from syncjobs.catalogue.compare_products import original_of, planned
from syncjobs.catalogue.follow_catalogues import followed_from
from syncjobs.catalogue.orphans import stock_errors_close
from syncjobs.catalogue.planning import WORK, Planned, Verdict
from syncjobs.catalogue.read_catalogues import names_of
from syncjobs.catalogue.to_heartland import ITEM_GROUP, fields_missing, needs_fields
from syncjobs.engine.settings_changed import released_by
from syncjobs.models import Run, RunChange
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Catalogue

CHECK, PREVIEW = "items_check", "items_preview"
PRODUCTS_AT_ONCE = 200
SETTLED_AT_ONCE = 250  # products of the store
LISTED = WORK | {Verdict.CONFLICT, Verdict.LEFT_OUT}
Phase = Callable[[str], tuple[str, bool]]  # works one page after a place; answers the next place, and if more follow


@dataclass(kw_only=True)
class ReadingWalk(Walk):
    """The checkpoint is phase:place."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.catalogue: Catalogue = store_of(self.connection.store, self.guard).catalogue

    @classmethod
    def obstacle(cls, connection: Connection) -> str:
        return ""

    @property
    def phases(self) -> dict[str, Phase]:
        return {"items": self._items, "grids": self._grids, "products": self._products, "links": self._links}

    def go(self) -> bool:
        name, _, place = self.run.checkpoint.partition(":")
        if not name:
            self._begin()
        order = list(self.phases)
        for phase in order[order.index(name or order[0]) :]:
            at, has_more = place or "0", True
            while has_more:
                self.lease.extend()
                at, has_more = self.phases[phase](at)
                if not has_more:
                    break
                if not self.checkpoint(f"{phase}:{at}") or self.is_over:
                    return False
            place = ""
            following = order[order.index(phase) + 1 :]
            if following and not self.checkpoint(f"{following[0]}:0"):
                return False
        self._end()
        return self.checkpoint("end:0")

    @staticmethod
    def sentence(run: Run) -> str:
        counted = CatalogueSku.objects.filter(connection=run.connection, side=Side.STORE).values("state")
        states = Counter(dict(counted.annotate(count=Count("pk")).values_list("state", "count")))
        linked = states[CatalogueSku.State.LINKED] + states[CatalogueSku.State.MISMATCH]
        rest = states.total() - linked - states[CatalogueSku.State.EXCLUDED]
        return f"{many(linked, 'SKU is', 'SKUs are')} linked; {many(rest, 'is', 'are')} not."

    def _begin(self) -> None:
        """How much there is to read; from here on both sides' changes are followed."""
        self.lease.extend()
        followed_from(self.connection, self.now)
        products, items = self.catalogue.count(), self.heartland.items_count()
        self.run.total = items + products
        self.run.save(update_fields=["total"])
        names_of(self.connection, self.catalogue, fresh=True)
        self.counts["reads"] += 4

    def _end(self) -> None:
        stock_errors_close(self.connection, self.now)
        if self.run.result.get("linked"):
            released_by(self.connection, ["item_links"], actor=self.run.started_by)

    def _items(self, after: str) -> tuple[str, bool]:
        rows, has_more = self.heartland.items_page(int(after))
        items_remember(self.connection, rows, self.run.pk, refuse=self._left_out)
        self._counted(len(rows))
        return (str(rows[-1]["id"]) if rows else after), has_more

    def _grids(self, after: str) -> tuple[str, bool]:
        rows, has_more = self.heartland.grids_page(int(after))
        grids_remember(self.connection, rows, self.run.pk, refuse=self._left_out)
        self.counts["reads"] += 1
        if not has_more:
            unseen_forget(self.connection, Side.HEARTLAND, self.run.pk)
        return (str(rows[-1]["id"]) if rows else after), has_more

    def _products(self, after: str) -> tuple[str, bool]:
        found, has_more = self.catalogue.page(after)
        names = names_of(self.connection, self.catalogue)
        products_remember(self.connection, found, names, self.run.pk, refuse=self._left_out)
        self._counted(len(found))
        if not has_more:
            unseen_forget(self.connection, Side.STORE, self.run.pk)
        return (found[-1].id if found else after), has_more

    def _links(self, after: str) -> tuple[str, bool]:
        ids = page_of(self.connection, Side.STORE, int(after), SETTLED_AT_ONCE)
        rows = store_rows(self.connection, ids)
        self.counts["linked"] += states_settle(self.connection, rows)
        mismatches_note(self.connection, rows)
        return (str(ids[-1]) if ids else after), len(ids) == SETTLED_AT_ONCE

    def _left_out(self, name: str, words: str) -> None:
        self.counts[RunChange.Kind.REFUSED] += 1
        self.noted.append(RunChange(run=self.run, kind=RunChange.Kind.REFUSED, subject=name[:255], reason=words[:300]))

    def _counted(self, rows: int) -> None:
        self.counts["reads"] += 1
        self.counts["looked_at"] += rows


@dataclass(kw_only=True)
class PreviewWalk(ReadingWalk):
    """A check, then each product of the original against its counterpart. Writes nothing to either system."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settings = item_settings(self.connection)
        self.needed: list[str] = self.run.parameters.get("needed", [])  # custom fields that a pull would make
        self.fields: list[JSON] | None = None  # Heartland's, once they are asked for

    @classmethod
    def obstacle(cls, connection: Connection) -> str:
        return manual(connection)

    @classmethod
    def prepared(cls, connection: Connection, parameters: dict[str, Any]) -> dict[str, Any]:
        """With the choices that it is made for."""
        settings = item_settings(connection)
        made_for = {"choices": choices_version(settings), "mode": settings.mode}
        return super().prepared(connection, parameters) | made_for

    @classmethod
    def outdated(cls, run: Run) -> str:
        is_other = run.parameters.get("choices") not in (None, choices_version(item_settings(run.connection)))
        return super().outdated(run) or ("the choices were changed meanwhile: preview again." if is_other else "")

    @property
    def phases(self) -> dict[str, Phase]:
        return super().phases | {"compare": self._compare}

    def checkpoint(self, at: str) -> bool:
        """With the custom fields that a pull needs so far."""
        if self.needed != self.run.parameters.get("needed", []):
            self.run.parameters = self.run.parameters | {"needed": self.needed}
            self.run.save(update_fields=["parameters"])
        return super().checkpoint(at)

    def _end(self) -> None:
        super()._end()
        if self.needed:
            self.run.parameters = self.run.parameters | {"needed": self.needed, "new_fields": self.needed}
            self.run.save(update_fields=["parameters"])

    def _created(self, keys: set[str]) -> set[str]:
        """Which of these products this preview makes."""
        kept = RunChange.objects.filter(run=self.run, kind=RunChange.Kind.CREATE, key__in=keys)
        noted = {row.key for row in self.noted if row.kind == RunChange.Kind.CREATE}
        return set(kept.values_list("key", flat=True)) | (noted & keys)

    def _need(self, source: Product) -> None:
        """Which custom fields a pull would have to make for a product."""
        policy = policy_of(self.settings)
        if not needs_fields(source, policy):
            return
        if self.fields is None:
            self.fields = self.heartland.custom_fields(group=ITEM_GROUP)
            self.fields += [{"name": name, "key": key_of(name)} for name in self.needed]
        for name in fields_missing(self.fields, source, policy):
            self.fields.append({"name": name, "key": key_of(name)})
            self.needed = [*self.needed, name]

    @staticmethod
    def sentence(run: Run) -> str:
        counts = {verdict: run.result.get(verdict, 0) for verdict in Verdict}
        return (
            f"Would create {counts[Verdict.CREATE]:,}, update {counts[Verdict.UPDATE]:,}"
            + (f", take {counts[Verdict.ARCHIVE]:,} off sale" if counts[Verdict.ARCHIVE] else "")
            + f"; {counts[Verdict.UNCHANGED]:,} unchanged, {counts[Verdict.CONFLICT]:,} in conflict,"
            f" {counts[Verdict.LEFT_OUT]:,} left out by your choices."
        )

    def _compare(self, after: str) -> tuple[str, bool]:
        side = original_of(self.settings)
        ids = page_of(self.connection, side, int(after), PRODUCTS_AT_ONCE)
        keys = list(CatalogueProduct.objects.filter(pk__in=ids).order_by("pk").values_list("external_id", flat=True))
        for one in planned(self.connection, self.settings, keys, self._created):
            self.counts[one.verdict] += 1
            self.counts["records"] += records_of(one)
            if one.verdict == Verdict.CREATE and self.settings.mode == ItemSettings.Mode.PULL:
                self._need(one.source)
            if one.verdict in LISTED:
                self.noted.append(change_row(self.run, one))
        return (str(ids[-1]) if ids else after), len(ids) == PRODUCTS_AT_ONCE


def records_of(one: Planned) -> int:
    """How many items or variants applying the plan writes at least, with the grid that it makes."""
    if one.verdict not in WORK:
        return 0
    makes_grid = one.verdict == Verdict.CREATE and one.source.has_options
    return max(1, len({change.sku for change in one.changes} - {""})) + makes_grid


def manual(connection: Connection) -> str:
    """Why no item data moves."""
    is_manual = item_settings(connection).mode == ItemSettings.Mode.MANUAL
    return "items are managed manually: choose a direction on the Items Information tab." if is_manual else ""


def page_of(connection: Connection, side: Side, after: int, most: int) -> list[int]:
    """Our ids of a side's next products."""
    rows = CatalogueProduct.objects.filter(connection=connection, side=side, pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:most])


def change_row(run: Run, one: Planned, kind: str = "", reason: str = "") -> RunChange:
    """What a person sees of a product: its fields before and after; the biggest price moves come first."""
    product = one.source
    return RunChange(
        run=run,
        kind=kind or one.verdict,
        subject=product.variants[0].sku[:255],
        title=product.title[:255],
        key=one.key,
        details=[change.stored() for change in one.changes],
        weight=0 if one.verdict == Verdict.LEFT_OUT else jump(one.changes),
        reason=(reason or one.reason)[:300],
    )


WALKS = {CHECK: ReadingWalk, PREVIEW: PreviewWalk}
