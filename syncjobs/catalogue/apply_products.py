"""Applying: the products of a preview, or those that changed, read anew, compared anew, and written where they differ.

What a person saw in a preview is what they agreed to: where the copy changed meanwhile, nothing is written over it.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.db.models import QuerySet

from connections.models import Connection, ItemSettings
from errors.failures import ConfigurationFailure, SyncFailure
from mappings.catalogue import heartland_products, skus_of, store_products
from mappings.core.canonical.product import Direction, Product
from mappings.core.rules.product_changes import Change, change_of, differences
from mappings.link_states import states_settle
from mappings.models import CatalogueProduct, Side
from syncjobs.bulk.run_walk import Walk
from syncjobs.catalogue import product_problems, to_heartland, to_store
from syncjobs.catalogue.before_images import after_keep, before_keep
from syncjobs.catalogue.choices import PULL, PUSH, choices_version, direction_words, item_settings, policy_of
from syncjobs.catalogue.compare_products import copy_of, counterparts, planned
from syncjobs.catalogue.planning import WORK, Planned, Verdict
from syncjobs.catalogue.read_catalogues import heartland_refresh, store_refresh
from syncjobs.catalogue.walk_catalogues import change_row, manual
from syncjobs.catalogue.write_context import WriteContext
from syncjobs.engine.defects import defects_reported
from syncjobs.models import Run, RunChange
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Catalogue

AT_ONCE = {Direction.PUSH: 100, Direction.PULL: 20}  # products; Heartland takes one item a call
WRITING_SECONDS = 3.0
MEANWHILE = "It was changed on the other side meanwhile: nothing was written over it. Preview again to decide."

__all__ = ["PULL", "PUSH", "PullWalk", "PushWalk"]

Shown = Mapping[tuple[str, str], str]  # what a preview showed as "before", by field and SKU


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A product to write, with what its preview showed."""

    key: str
    place: int  # in the order of the run
    verdict: str = ""  # that its preview showed
    shown: Shown | None = None


@dataclass(kw_only=True)
class ApplyWalk(Walk):
    """Parameters: `preview` (a run) and perhaps `changes` (of its rows), or `keys`, perhaps with `forced`.

    The checkpoint is the last row, or the number of keys, that is done.
    """

    mode: ClassVar[str]
    settings: ItemSettings = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settings = item_settings(self.connection)
        self.policy = policy_of(self.settings)
        self.catalogue: Catalogue = store_of(self.connection.store, self.guard).catalogue

    @classmethod
    def obstacle(cls, connection: Connection) -> str:
        if item_settings(connection).mode != cls.mode:
            return manual(connection) or "the direction was changed: preview again."
        return ""

    @classmethod
    def prepared(cls, connection: Connection, parameters: dict[str, Any]) -> dict[str, Any]:
        """With the choices of the preview, which must be those of now."""
        ready = super().prepared(connection, parameters)
        if "preview" not in ready:
            return ready
        preview = Run.objects.filter(pk=ready["preview"], connection=connection).first()
        if words := stale(preview, item_settings(connection)):
            raise ConfigurationFailure(f"Nothing was applied: {words}")
        return ready | {"choices": choices_version(item_settings(connection))}

    @classmethod
    def outdated(cls, run: Run) -> str:
        is_other = run.parameters.get("choices") not in (None, choices_version(item_settings(run.connection)))
        return super().outdated(run) or ("the choices were changed meanwhile: preview again." if is_other else "")

    def go(self) -> bool:
        if self.run.total is None:
            self.run.total = self._count()
            self.run.save(update_fields=["total"])
        while chosen := self._next(int(self.run.checkpoint or 0)):
            self.lease.extend()
            self._work(chosen)
            if not self.checkpoint(str(chosen[-1].place)) or self.is_over:
                return False
        return True

    @staticmethod
    def sentence(run: Run) -> str:
        counts = {kind: run.result.get(kind, 0) for kind in RunChange.Kind.values}
        parts = [
            f"created {counts['create']:,}",
            f"updated {counts['update']:,}",
            *([f"took {counts['archive']:,} off sale"] if counts["archive"] else []),
            *([f"{counts['refused']:,} were refused"] if counts["refused"] else []),
            *([f"{counts['conflict']:,} in conflict"] if counts["conflict"] else []),
            *([f"{run.result['gone']:,} are gone"] if run.result.get("gone") else []),
        ]
        words = ", ".join(parts)
        return f"{words[:1].upper()}{words[1:]}; {run.result.get('unchanged', 0):,} needed nothing."

    def _count(self) -> int:
        return len(self.run.parameters["keys"]) if "keys" in self.run.parameters else self._rows().count()

    def _rows(self) -> QuerySet[RunChange]:
        rows = RunChange.objects.filter(run_id=self.run.parameters["preview"], kind__in=WORK)
        chosen = self.run.parameters.get("changes")
        return rows if chosen is None else rows.filter(pk__in=chosen)

    def _next(self, after: int) -> list[Chosen]:
        most = AT_ONCE[self.policy.direction]
        if "keys" in self.run.parameters:
            keys = self.run.parameters["keys"][after : after + most]
            return [Chosen(key=key, place=after + number) for number, key in enumerate(keys, 1)]
        rows = self._rows().filter(pk__gt=after).order_by("pk")[:most]
        return [Chosen(key=row.key, place=row.pk, verdict=row.kind, shown=shown_of(row)) for row in rows]

    def _work(self, chosen: Sequence[Chosen]) -> None:
        keys = [one.key for one in chosen]
        before = self._copies(counterparts(self.connection, self.settings, keys))
        self._refresh(keys, list(before))
        by_key = {one.key: one for one in chosen}
        plans = [self._judged(one, by_key[one.key], before) for one in planned(self.connection, self.settings, keys)]
        context = WriteContext(
            connection=self.connection,
            settings=self.settings,
            heartland=self.heartland,
            store=self.catalogue,
            still_ours=self.lease.extend,
            note=self._note_making,
        )
        side = copy_of(self.settings)
        before_keep(self.run, side, [one.target.external_id for one in plans if one.target and one.verdict in WORK])
        try:
            with defects_reported("the run", run=self.run.pk):
                self._write(context, plans)
        except SyncFailure:  # the batch is begun again later: what is through then needs nothing
            after_keep(self.run, side, sorted(context.created))
            self._record([one for one in plans if one.key in context.done], context)
            self.checkpoint(self.run.checkpoint)
            raise
        with suppress(SyncFailure):  # what was written is listed, whether or not it can be read again now
            self._reread(context)
        self._record(plans, context)
        self.counts["looked_at"] += len(keys)
        self.counts["gone"] += len(keys) - len(plans)

    def _write(self, context: WriteContext, plans: Sequence[Planned]) -> None:
        if self.policy.direction == Direction.PULL:
            to_heartland.write(context, plans, unsure=self.run.parameters.get("making", ""))
        else:
            to_store.write(context, plans)

    def _refresh(self, keys: list[str], copies: list[str]) -> None:
        """Both sides as they are now."""
        pull = self.policy.direction == Direction.PULL
        for side_keys, is_store in ((keys, pull), (copies, not pull)):
            if side_keys:
                self._read(side_keys, is_store=is_store)

    def _read(self, keys: Sequence[str], *, is_store: bool) -> None:
        if is_store:
            store_refresh(self.connection, self.catalogue, keys)
        else:
            heartland_refresh(self.connection, self.heartland, keys)

    def _reread(self, context: WriteContext) -> None:
        """What was written, as the other side shows it: the next change there that says the same is our echo.

        What was made in the store is linked with it: the answer to making a product promises no variants.
        """
        keys, is_store = sorted(context.touched), self.policy.direction == Direction.PUSH
        if keys:
            self._read(keys, is_store=is_store)
            side = Side.STORE if is_store else Side.HEARTLAND
            written = CatalogueProduct.objects.filter(connection=self.connection, side=side, external_id__in=keys)
            written.update(written_at=self.now)
        after_keep(self.run, copy_of(self.settings), [*keys, *sorted(context.created)])
        if keys and is_store:
            made = skus_of(self.connection, Side.STORE, keys)
            states_settle(self.connection, list(made.select_related("product")))

    def _copies(self, keys: Sequence[str]) -> dict[str, Product]:
        load = store_products if copy_of(self.settings) == Side.STORE else heartland_products
        return load(self.connection, keys, self.policy)

    def _judged(self, one: Planned, chosen: Chosen, before: Mapping[str, Product]) -> Planned:
        """The plan, or a conflict where the copy was changed by somebody else meanwhile."""
        if one.verdict not in WORK or self.run.parameters.get("forced"):
            return one
        is_other = bool(chosen.verdict) and one.verdict != chosen.verdict
        if is_other or (
            one.target and one.verdict == Verdict.UPDATE and self._is_edited(one, one.target, chosen, before)
        ):
            return replace(one, verdict=Verdict.CONFLICT, reason=MEANWHILE)
        return one

    def _is_edited(self, one: Planned, target: Product, chosen: Chosen, before: Mapping[str, Product]) -> bool:
        """Whether what would be written over is not what was last read, shown, or left as it is until a person says."""
        known = before.get(target.external_id)
        edits = {change.place for change in differences(target, known, self.policy)} if known else set()
        if chosen.shown is None and product_problems.edited_keys(self.connection, [one.key]):
            return True
        agreed = chosen.shown or {}
        return any(
            change.place in edits or agreed.get(change.place, change.before) != change.before for change in one.changes
        )

    def _record(self, plans: Sequence[Planned], context: WriteContext) -> None:
        through = []
        for one in plans:
            words = context.refused.get(one.key)
            if words is not None:
                self.counts["refused"] += 1
                self.noted.append(change_row(self.run, one, RunChange.Kind.REFUSED, words))
                product_problems.refused_note(self.connection, one, words, self.now)
            elif one.verdict == Verdict.CONFLICT:
                self.counts["conflict"] += 1
                self.noted.append(change_row(self.run, one))
                if one.reason == MEANWHILE:
                    product_problems.edited_note(self.connection, self.settings, one, self.now)
            else:
                self.counts[one.verdict] += 1
                through.append(one.key)
                if one.verdict in WORK:
                    self.noted.append(change_row(self.run, one))
        product_problems.resolve(self.connection, through, self.now)

    def _note_making(self, key: str) -> None:
        self.run.parameters = self.run.parameters | {"making": key}
        self.run.save(update_fields=["parameters"])


@dataclass(kw_only=True)
class PushWalk(ApplyWalk):
    """Heartland → store."""

    mode = ItemSettings.Mode.PUSH


@dataclass(kw_only=True)
class PullWalk(ApplyWalk):
    """Store → Heartland, whose writes are serial: its slices are short, since orders wait for them."""

    mode = ItemSettings.Mode.PULL
    reads_heartland = False

    @property
    def is_over(self) -> bool:
        return super().is_over or time.monotonic() - self.began > WRITING_SECONDS


def stale(preview: Run | None, settings: ItemSettings) -> str:
    """Why a preview cannot be applied now, in words; "" when it can."""
    if preview is None or preview.state != Run.State.DONE:
        return "the preview is not finished. Preview again."
    mode = preview.parameters.get("mode", settings.mode)
    if mode != settings.mode:
        words = direction_words(preview.connection.store, mode)
        return f"this preview was made for the other direction, {words}. Preview again."
    if preview.parameters.get("choices", "") != choices_version(settings):
        return "what moves was changed after this preview. Preview again to see what follows from it."
    is_newer = Run.objects.filter(connection=preview.connection, pk__gt=preview.pk, state=Run.State.DONE)
    if is_newer.filter(kind=preview.kind).exists():
        return "there is a newer preview. Look at that one, and apply it."
    return ""


def shown_of(row: RunChange) -> Shown:
    """What a preview showed of a product."""
    changes: list[Change] = [change_of(detail) for detail in row.details]
    return {change.place: change.before for change in changes}


WALKS = {PUSH: PushWalk, PULL: PullWalk}
