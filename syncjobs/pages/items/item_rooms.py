"""The rooms of the Items Information tab, each summed up in a line."""

from django import forms

from connections.models import ItemSettings
from syncjobs.pages.settings_rooms import Room, Rooms, mistakes_of


def rooms_of(settings: ItemSettings, *, direction: str, form: forms.BaseForm, is_refused: bool, is_new: bool) -> Rooms:
    """What the tab's rooms say of how it is set now; `is_new`: the catalogues were never checked."""
    kept = len(settings.filters)
    moves = "new products and updates" if settings.updates else "new products only"
    by = f", of items that fit {kept} condition{'s' if kept > 1 else ''}" if kept and settings.mode == "push" else ""
    barcodes = "; also linked by barcode" if settings.links_by_barcode else ""
    rooms = [
        Room(key="mode", title="Push/Pull", summary=f"{direction}{barcodes}", is_open=is_new),
        Room(key="settings", title="What moves", summary=f"{moves.capitalize()}{by}", is_open=is_refused),
        Room(
            key="sorts",
            title="Bundles, kits and digital products",
            summary="Booked as the lines that the store's order has",
        ),
    ]
    return Rooms(rooms={one.key: one for one in rooms}, mistakes=mistakes_of(form))
