"""What a store's token may do: its scopes as granted, or asked of the store where a token does not tell."""

from collections.abc import Callable

from connections.connectors.bigcommerce import BigCommerceClient, rights
from connections.connectors.needs import Need, gathered
from connections.diagnosis import Grant
from errors.failures import NotFound, PermissionMissing, Rejected

TRIES: dict[Need, Callable[[BigCommerceClient], object]] = {  # calls that change nothing
    rights.ORDERS: lambda client: client.order_update("0"),
    rights.PRODUCTS: lambda client: client.products_update([]),
    rights.CUSTOMERS: lambda client: client.customers_count(),
    rights.EDIT_CUSTOMERS: lambda client: client.customer_addresses_update([]),
    rights.INFORMATION: lambda client: client.time(),
    rights.INVENTORY: lambda client: client.stock_set([], "Access test"),
    rights.TRANSACTIONS: lambda client: client.order_transactions("0"),
    rights.MARKETING: lambda client: client.certificates_page(0),
    rights.LOCATIONS: lambda client: client.stock_locations(),
}


def covers(granted: set[str], scope: str) -> bool:
    """Whether the grant holds a scope or the wider one that includes it."""
    return scope in granted or scope.removesuffix("_read_only") in granted


def grants_of(scopes: str, client: BigCommerceClient) -> tuple[Grant, ...]:
    """What the client's methods need, with whether we hold it; tokens without a scope list are tried out."""
    granted = set(scopes.split())
    return tuple(
        Grant(
            name=need.scope,
            is_granted=covers(granted, need.scope) if granted else _is_open(need, client),
            without=need.without,
        )
        for need in gathered(BigCommerceClient)
    )


def missing_needs(scopes: str) -> list[Need]:
    """What the client's methods cannot do without and a grant (space separated) does not hold."""
    granted = set(scopes.split())
    return [need for need in gathered(BigCommerceClient) if need.is_essential and not covers(granted, need.scope)]


def _is_open(need: Need, client: BigCommerceClient) -> bool:
    """BigCommerce looks at the scope before anything else (notes §4): any other refusal means that it is open."""
    try:
        TRIES[need](client)
    except PermissionMissing:
        return False
    except (NotFound, Rejected):
        return True
    return True
