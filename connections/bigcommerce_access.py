"""What a store's token may do: its scopes as granted, or asked of the store where a token does not tell."""

from collections.abc import Callable
from dataclasses import dataclass

from connections.connectors.bigcommerce import BigCommerceClient
from connections.diagnosis import Diagnosis, Grant
from errors.failures import NotFound, PermissionMissing
from ipaas.types import System


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A scope of the app profile, and how to try it without changing anything."""

    name: str
    is_needed: bool
    probe: Callable[[BigCommerceClient], object]


SCOPES = (  # BigCommerce notes §4; a write scope includes its `_read_only` twin
    Scope(name="store_v2_orders", is_needed=True, probe=lambda client: client.orders_count()),
    Scope(name="store_v2_information_read_only", is_needed=True, probe=lambda client: client.time()),
    Scope(name="store_v2_products_read_only", is_needed=True, probe=lambda client: client.products_count()),
    Scope(name="store_v2_customers_read_only", is_needed=False, probe=lambda client: client.customers_count()),
    Scope(name="store_v2_transactions_read_only", is_needed=False, probe=lambda client: client.order_transactions("0")),
    Scope(name="store_inventory", is_needed=False, probe=lambda client: client.inventory_settings()),
)


def covers(granted: set[str], scope: str) -> bool:
    """Whether the grant holds a scope or the wider one that includes it."""
    return scope in granted or scope.removesuffix("_read_only") in granted


def grants_of(scopes: str, client: BigCommerceClient) -> tuple[Grant, ...]:
    """Needed scopes with whether we hold them; tokens without a scope list are tried out."""
    granted = set(scopes.split())
    return tuple(
        Grant(
            name=scope.name,
            is_granted=covers(granted, scope.name) if granted else _is_open(scope, client),
            is_needed=scope.is_needed,
        )
        for scope in SCOPES
    )


def diagnosis_of(store_name: str, grants: tuple[Grant, ...]) -> Diagnosis:
    """The grants as a person reads them."""
    missing = [grant.name for grant in grants if grant.is_needed and grant.is_granted is False]
    reason = f"The app was not granted {', '.join(missing)}: install it again and confirm." if missing else ""
    return Diagnosis(system=System.BIGCOMMERCE, is_ok=not missing, account=store_name, reason=reason, grants=grants)


def _is_open(scope: Scope, client: BigCommerceClient) -> bool:
    try:
        scope.probe(client)
    except PermissionMissing:
        return False
    except NotFound:
        return True
    return True
