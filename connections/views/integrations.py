"""Settings > Integrations: which systems a merchant has connected."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from connections.models import AccessState, Connection, HeartlandAccount, Merchant, Store
from connections.permissions import abilities, role_of
from connections.store_kinds import KINDS, profiles
from connections.views.base import PersonRequest, member, page


@dataclass(frozen=True, kw_only=True)
class Website:
    """A store with its connection, if it is paired."""

    store: Store
    connection: Connection | None


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A merchant with what is connected and what the person may do there."""

    merchant: Merchant
    can: dict[str, bool]
    websites: dict[str, list[Website]]  # by kind of store
    accounts: list[HeartlandAccount]


def shops(user: Any) -> list[Shop]:
    """The person's merchants with their systems, by name."""
    merchants = Merchant.objects.for_user(user).prefetch_related("heartland_accounts__connections").order_by("name")
    return [
        Shop(
            merchant=merchant,
            can=abilities(role_of(user, merchant)),
            websites=websites(merchant),
            accounts=sorted(merchant.heartland_accounts.all(), key=lambda account: account.name),
        )
        for merchant in merchants
    ]


def websites(merchant: Merchant) -> dict[str, list[Website]]:
    """The merchant's stores by their kind, connected ones first."""
    stores: Iterable[Store] = merchant.stores.select_related("connection__heartland").order_by("name", "pk")
    rows = [Website(store=store, connection=getattr(store, "connection", None)) for store in stores]
    rows.sort(key=lambda row: row.store.state == AccessState.DISCONNECTED)
    return {kind: [row for row in rows if row.store.kind == kind] for kind in KINDS}


@require_safe
@member
def integrations(request: PersonRequest) -> HttpResponse:
    """Both systems with what is connected."""
    return page(request, "connections/integrations.html", {"shops": shops(request.user), "kinds": profiles()})


@require_safe
@member
def heartland(request: PersonRequest) -> HttpResponse:
    """Heartland accounts: connect by OAuth or token."""
    context = {"shops": shops(request.user), "can_authorize": bool(settings.HEARTLAND_CLIENT_ID)}
    return page(request, "connections/heartland.html", context)


@require_safe
@member
def heartland_account(request: PersonRequest, public_id: str) -> HttpResponse:
    """One Heartland account: who we act as, what the token may do, its locations and stores."""
    rows = HeartlandAccount.objects.for_user(request.user).select_related("merchant")
    account = get_object_or_404(rows, public_id=public_id)
    context = {
        "account": account,
        "connections": account.connections.select_related("store"),
        "locations": account.locations.all(),
        "missing": [name for name, granted in account.abilities.items() if granted is False],
        "can_authorize": bool(settings.HEARTLAND_CLIENT_ID),
    }
    return page(request, "connections/heartland_account.html", context, merchant=account.merchant)
