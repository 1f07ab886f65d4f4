"""Who ships: staff, one location, several by their turn or nearness, or the store's own side."""

from typing import Any

from django import forms

from connections.models import Connection, HeartlandAccount, Location, OrderSettings
from connections.preferences import Turn, counted_locations, order_settings
from mappings.core.rules.nearness import areas_of
from syncjobs.pages.form_fields import NOT_CHOSEN, LocationChoice

NAMED = 5  # locations that a sentence names
POSTCODE_REGION = 3  # signs of a postcode that tell a region in most countries


class DistributionForm(forms.Form):
    """The part of the order settings that says which location ships."""

    connection: Connection
    row: OrderSettings
    account: HeartlandAccount
    distribution_refusal: str  # why one location may not ship everything
    distribution_warning: str  # what to mind before it does

    shipping = forms.ChoiceField(
        label="Who ships", choices=OrderSettings.Shipping.choices, widget=forms.RadioSelect, required=False
    )
    ship_from = LocationChoice(
        label="Location that ships", queryset=Location.objects.none(), required=False, empty_label=NOT_CHOSEN[1]
    )

    def _offer_places(self) -> None:
        """Every open location, each with its turn and what it is near to."""
        places = self.account.locations.filter(is_active=True)
        self.fields["ship_from"].queryset = places  # type: ignore[attr-defined]
        routes = {route.location_id: route for route in self.connection.shipping_routes.all()}
        for place in places:
            self.fields[f"rank-{place.pk}"] = forms.IntegerField(
                label=place.name,
                required=False,
                min_value=1,
                max_value=999,
                initial=routes[place.pk].rank if place.pk in routes else None,
            )
            self.fields[f"areas-{place.pk}"] = forms.CharField(
                label=f"{place.name} is near",
                required=False,
                max_length=300,
                initial=routes[place.pk].areas if place.pk in routes else own_areas(place),
            )
        self.distribution_refusal = several_fulfil(self.connection)
        self.distribution_warning = "" if self.distribution_refusal else others_fulfil(self.connection)

    @property
    def area_fields(self) -> list[forms.BoundField]:
        """One for each location: what it is near to, when the nearest ships."""
        return [self[name] for name in self.fields if name.startswith("areas-")]

    @property
    def rank_fields(self) -> list[forms.BoundField]:
        """One for each location: its turn when several ship."""
        return [self[name] for name in self.fields if name.startswith("rank-")]

    def _check_shipping(self, data: dict[str, Any]) -> None:
        """One location must be chosen and able to; several need their turns."""
        kinds, kind, place = OrderSettings.Shipping, data["shipping"], data.get("ship_from")
        several = {kinds.PRIORITY, kinds.NEAREST}
        if kind in several and not any(data.get(field.name) for field in self.rank_fields):
            self.add_error("shipping", "Number the locations that ship: 1 is asked first.")
        if kind in {kinds.STAFF, *several}:
            return
        if self.distribution_refusal:
            self.add_error("shipping", self.distribution_refusal)
        elif not place:
            self.add_error("ship_from", "Choose the location that ships before orders distribute themselves.")
        elif kind != kinds.ONE and not place.station_id:
            self.add_error("ship_from", f"{place.name} has no station in Heartland, and an invoice needs one.")

    def routes(self) -> dict[Location, Turn]:
        """Locations that ship, with their turn and what they are near to."""
        given = self.cleaned_data
        return {
            place: Turn(rank=rank, areas=", ".join(areas_of(given.get(f"areas-{place.pk}", ""))))
            for place in self.fields["ship_from"].queryset  # type: ignore[attr-defined]
            if (rank := given.get(f"rank-{place.pk}"))
        }


def several_fulfil(connection: Connection) -> str:
    """Why orders may not distribute themselves; empty when at most one location's stock is sold online."""
    count = counted_locations(connection)
    if count <= 1:
        return ""
    return (
        f"{count} locations sell online, so one of them cannot ship everything: let staff distribute, or several "
        "locations ship by their turn, or let a single location count on the Inventory tab."
    )


def others_fulfil(connection: Connection) -> str:
    """What to mind before one location ships everything: which others could; empty where none could."""
    source = order_settings(connection).source_location
    places = connection.heartland.locations.filter(is_active=True).order_by("name")
    names = [place.name for place in places if place != source]
    if len(names) < 2:
        return ""
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return (
        f"{len(names)} locations can ship: {shown}. When one of them ships everything, it is also asked for what only "
        "another one has; several can ship by their turn, or by how near they are."
    )


def own_areas(place: Location) -> str:
    """What a location is near to at least, as its address in Heartland tells: a proposal."""
    return ", ".join(areas_of(f"{place.state}, {place.postal_code[:POSTCODE_REGION]}"))
