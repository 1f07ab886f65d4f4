"""Settings of a store in three sections, by the forms of the pages: one check, one version, one place that stores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db import models, transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connections import heartland_lists, preferences
from connections.models import Connection, InventorySettings, ItemSettings, User
from connections.permissions import Action
from connections.preferences import ITEM_NAMES, SavedMeanwhile
from syncjobs.api.problems import Problem, invalid
from syncjobs.api.store_resources import StoreView
from syncjobs.api.strict_json import Wish, wished
from syncjobs.catalogue.choices import item_settings
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.engine.settings_changed import released_by
from syncjobs.pages.fulfilment.fulfilment_forms import OrderSettingsForm
from syncjobs.pages.fulfilment.order_settings_store import order_settings_store
from syncjobs.pages.inventory.inventory_forms import StockRuleForm
from syncjobs.pages.items.item_forms import ItemSettingsForm
from syncjobs.stock.plan import settings_of

NIGHT = {"night_from", "night_to"}
PER_LOCATION = ("rank-", "areas-")  # fields of a page for each location: left as they are


@dataclass(frozen=True, kw_only=True)
class Section:
    """Settings that are read and saved together."""

    form: Callable[[Connection, Mapping[str, Any] | None], Any]
    version: Callable[[Connection], str]
    save: Callable[[Connection, Any, User, str], None]


def _order_form(connection: Connection, data: Mapping[str, Any] | None) -> OrderSettingsForm:
    return OrderSettingsForm(data, connection=connection, choices=heartland_lists.choices(connection.heartland))


def _order_save(connection: Connection, form: OrderSettingsForm, actor: User, shown: str) -> None:
    changed, _ = order_settings_store(connection=connection, form=form, actor=actor, shown=shown)
    if changed:
        released_by(connection, changed, actor=actor)


def _rule_save(connection: Connection, form: StockRuleForm, actor: User, shown: str) -> None:
    changes = {name: form.cleaned_data[name] for name in form.fields}
    with transaction.atomic():
        preferences.settings_check(InventorySettings, connection, form.fields, shown)
        saved = preferences.inventory_settings_save(connection=connection, changes=changes, actor=actor)
    if set(saved) - NIGHT:  # the next look at the ledger finds another plan, and begins a full sync
        stock_expedite(connection.pk, timezone.now())


def _item_save(connection: Connection, form: ItemSettingsForm, actor: User, shown: str) -> None:
    changes = {name: form.cleaned_data[name] for name in form.fields}
    with transaction.atomic():
        preferences.settings_check(ItemSettings, connection, ITEM_NAMES, shown)
        preferences.item_settings_save(connection=connection, changes=changes, actor=actor)


SECTIONS: Mapping[str, Section] = {
    "orders": Section(
        form=_order_form,
        version=lambda connection: _order_form(connection, None).version,
        save=_order_save,
    ),
    "inventory": Section(
        form=lambda connection, data: StockRuleForm(data, instance=settings_of(connection)),
        version=lambda connection: preferences.version(settings_of(connection), StockRuleForm.Meta.fields),
        save=_rule_save,
    ),
    "items": Section(
        form=lambda connection, data: ItemSettingsForm(item_settings(connection), data),
        version=lambda connection: preferences.version(item_settings(connection), ITEM_NAMES),
        save=_item_save,
    ),
}
EXAMPLE = {"version": "3f1a9c0d52b7e684", "values": {"safety_units": 2, "last_units": 1}}


@extend_schema_serializer(examples=[OpenApiExample("The rule of stock", response_only=True, value=EXAMPLE)])
class SettingsRow(serializers.Serializer[Any]):
    """A section's settings, by the names that the page's form gives them."""

    version = serializers.CharField(help_text="Send it with a change: another one means that somebody saved meanwhile.")
    values = serializers.DictField()


@extend_schema_serializer(examples=[OpenApiExample("Keep two pieces back", request_only=True, value=EXAMPLE)])
class SettingsWish(Wish):
    """What is to be changed."""

    version = serializers.CharField(max_length=64)
    values = serializers.DictField(allow_empty=False, help_text="Only what changes; an unknown name is an error.")


SECTION = OpenApiParameter("section", str, "path", enum=list(SECTIONS), description="Which settings.")


class Settings(StoreView):
    """Read and change settings."""

    needs: ClassVar = {"get": Action.LOOK, "patch": Action.SETTINGS}
    serializer_class = SettingsRow
    asks_others = True

    @extend_schema(
        operation_id="read_settings",
        parameters=[SECTION],
        description="The settings of a section: `orders` (Order Fulfillment), `inventory` (the store's rule) or "
        "`items`. What there is for each location, and filters, stand on the pages alone.",
    )
    def get(self, request: Request, store: UUID, section: str) -> Response:
        return self.answer(self._shown(self.store(), self._section(section)))

    @extend_schema(
        operation_id="change_settings",
        parameters=[SECTION],
        request=SettingsWish,
        responses=SettingsRow,
        description="Changes are checked as on the page, and stored all or none. Another `version` is a conflict, "
        "unless everything is as wished already: repeating a change is safe.",
    )
    def patch(self, request: Request, store: UUID, section: str) -> Response:
        chosen, connection = self._section(section), self.store()
        wish = wished(request, SettingsWish)
        if connection.state == Connection.State.DISCONNECTED:
            raise Problem("conflict", "This store is disconnected: its settings are kept as they are.")
        form = self._filled(connection, chosen, wish["values"])
        if form.changed_data:
            try:
                chosen.save(connection, form, self.actor, wish["version"])
            except SavedMeanwhile as meanwhile:
                raise Problem("conflict", "Somebody saved these settings meanwhile: read them anew.") from meanwhile
        return self.answer(self._shown(connection, chosen))

    def _section(self, name: str) -> Section:
        if name not in SECTIONS:
            raise Http404
        return SECTIONS[name]

    def _filled(self, connection: Connection, section: Section, values: Mapping[str, Any]) -> Any:
        """The form as a page would send it: what holds now, and the changes. Raises Problem where one is not right."""
        now = section.form(connection, None)
        odd = {name: "There is no such setting." for name in values if not is_ours(name, now)}
        odd |= {
            name: wanted
            for name, value in values.items()
            if name not in odd and (wanted := unfit(value, now.fields[name]))
        }
        if odd:
            raise invalid(odd)
        data = {name: given(now[name].value()) for name in now.fields} | dict(values)
        form = section.form(connection, data)
        if not form.is_valid():
            raise invalid({name: [str(one) for one in said] for name, said in form.errors.items()})
        return form

    def _shown(self, connection: Connection, section: Section) -> Any:
        fresh = self.connections.get(pk=connection.pk)
        form = section.form(fresh, None)
        values = {name: plain(form[name].value()) for name in form.fields if is_ours(name, form)}
        return SettingsRow({"version": section.version(fresh), "values": values}).data


def is_ours(name: str, form: forms.BaseForm) -> bool:
    return name in form.fields and not name.startswith(PER_LOCATION)


def unfit(value: Any, field: forms.Field) -> str:
    """Why a value of JSON is no value for a field, before the field itself is asked; "" where it may be one."""
    if isinstance(field, forms.BooleanField):
        return "" if isinstance(value, bool) else "Give true or false."
    if isinstance(field, forms.MultipleChoiceField):
        is_fit = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return "" if is_fit else "Give a list of texts."
    is_fit = value is None or (isinstance(value, str | int) and not isinstance(value, bool))
    return "" if is_fit else "Give a text, a whole number or null."


def given(value: Any) -> Any:
    """A value that holds now, as a form takes it."""
    return "" if value is None else getattr(value, "pk", value)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.pk
    return list(value) if isinstance(value, tuple) else value
