"""What the merchant decided about items, as the pure core takes it."""

import hashlib
import json

from connections.models import Connection, ItemSettings, Store
from connections.store_kinds import profile_of
from mappings.core.canonical.product import Direction, Policy
from mappings.core.rules.item_filter import Condition, conditions_of
from syncjobs.stores.opening import limits_of

PUSH, PULL = "items_push", "items_pull"  # kinds of runs
NO_CHOICE = frozenset({"id", "connection", "follows", "links_by_barcode"})


def direction_words(store: Store, mode: str) -> str:
    """The direction of a mode, as every screen says it; "" where nothing moves."""
    name = profile_of(store).name
    words: dict[str, str] = {
        ItemSettings.Mode.PUSH: f"Heartland → {name} (one-way)",
        ItemSettings.Mode.PULL: f"{name} → Heartland (one-way)",
    }
    return words.get(mode, "")


def apply_kind(settings: ItemSettings) -> str:
    """The kind of run that brings the copy after the original."""
    return PULL if settings.mode == ItemSettings.Mode.PULL else PUSH


def item_settings(connection: Connection) -> ItemSettings:
    """The connection's item settings; the defaults, which move nothing, where it has none yet."""
    return ItemSettings.objects.filter(connection=connection).first() or ItemSettings(connection=connection)


def policy_of(settings: ItemSettings) -> Policy:
    return Policy(
        direction=Direction.PULL if settings.mode == ItemSettings.Mode.PULL else Direction.PUSH,
        fields=frozenset(settings.moved_fields),
        blanks_overwrite=settings.blanks_overwrite,
        original_is_regular=settings.original_is_regular,
        option_keys=tuple(key.strip() for key in settings.option_keys.split(",") if key.strip()),
        brand_key=settings.brand_key,
        category_key=settings.category_key,
        barcode_key=settings.barcode_key,
        sells_free=settings.sells_free,
        limits=limits_of(settings.connection.store),
    )


def choices_version(settings: ItemSettings) -> str:
    """What a preview rests on; another choice is another version. What goes by itself changes no plan."""
    names = [field.name for field in settings._meta.concrete_fields if field.name not in NO_CHOICE]
    choices = {name: getattr(settings, name) for name in sorted(names)}
    return hashlib.sha256(json.dumps(choices, sort_keys=True).encode()).hexdigest()[:16]


def conditions(settings: ItemSettings) -> list[Condition]:
    """Which of Heartland's items are pushed."""
    return conditions_of(settings.filters)
