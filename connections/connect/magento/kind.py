"""What is asked of a Magento shop while it is set up and watched. See `connections.store_kinds.StoreKind`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings

from connections.connect.magento.clients import magento_client, magento_setup_client
from connections.connect.magento.grants import grants_of
from connections.connect.magento.websites import DEFAULT_SOURCE, Installation, described, installation_read
from connections.connectors.magento import MagentoClient
from connections.diagnosis import Grant
from connections.models import Store
from connections.store_kinds import Description, Place
from errors.failures import ConfigurationFailure, NotFound, NotOffered, PermissionMissing, SyncFailure
from ipaas.types import JSON

COMMERCE = "Magento_Enterprise"  # a module of Adobe Commerce alone (notes §21)
SEVERAL_SOURCES = "Magento_InventoryApi"
CLOUD_HOST = ".api.commerce.adobe.com"
CLOCK_SECONDS = 60  # a shop's clock further from ours is worth a word


def access(store: Store) -> tuple[Description, tuple[Grant, ...]]:
    """About eleven calls, and one for each right that is needed."""
    client = magento_setup_client(store)
    client.access_check()
    installation = installation_read(client)
    website = installation.website(str(store.facts.get("website") or ""))
    if website is None:
        raise ConfigurationFailure(f"Magento has no website “{store.facts.get('website')}” any more: connect it again.")
    said = described(client, installation, website)
    shown = tuple(_shown(client, installation, said, store))
    return replace(said, shown=shown), grants_of(client)


def _shown(
    client: MagentoClient, installation: Installation, said: Description, store: Store
) -> Iterator[tuple[str, str]]:
    """What a test tells beside: each line is its own question, and says so where it is not answered."""
    yield "Edition", _told(lambda: _edition(client))
    yield "Website", f"{said.name} ({said.facts['website']})"
    views = [row for row in installation.views if row.get("website_id") == said.facts["website_id"]]
    yield "Store views", _listed(views, "name", "code")
    yield "Sources", _told(lambda: _listed(_sources(client, store), "name", "source_code") or "one stock, no sources")
    yield "Input limits", _told(lambda: _limit(client))
    yield "Clock", _told(lambda: clock_told(client.now(), datetime.now(UTC)))
    yield "Time zone", said.time_zone or "not told"


def _told(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except SyncFailure as failure:
        return f"not known: {failure.summary}"


def _edition(client: MagentoClient) -> str:
    """As the shop's own page says, else as its modules tell."""
    version = client.version()
    if version:
        return version
    modules = set(client.modules())
    return "Adobe Commerce" if COMMERCE in modules else "Magento Open Source"


def _listed(rows: Sequence[JSON], name: str, code: str) -> str:
    return ", ".join(f"{row.get(name)} ({row.get(code)})" for row in rows)


def _sources(client: MagentoClient, store: Store) -> list[JSON]:
    """The sources that the website sells from."""
    stock_id = store.facts.get("stock_id")
    return client.sources_of_stock(stock_id) if stock_id is not None else client.sources()


def _limit(client: MagentoClient) -> str:
    most = client.page_limit()
    return f"on: at most {most} rows a page" if most else "off"


def clock_told(their: datetime, ours: datetime) -> str:
    """How far the shop's clock is from ours, in words."""
    seconds = round((their - ours).total_seconds())
    if abs(seconds) <= CLOCK_SECONDS:
        return "the same as ours"
    return f"{abs(seconds)} seconds {'ahead of' if seconds > 0 else 'behind'} ours"


def addresses() -> list[str]:
    """Where tokens of Adobe's cloud service come from, once a store is of it."""
    is_asked = Store.objects.filter(kind="magento", api_base__contains=CLOUD_HOST).exists()
    return [settings.MAGENTO_IMS_BASE] if is_asked else []


def ping(store: Store) -> None:
    magento_client(store).access_check()


def places(store: Store) -> list[Place]:
    """The sources that the website sells from: one call. One place where several sources are switched off."""
    try:
        rows = _sources(magento_setup_client(store), store)
    except (NotFound, NotOffered, PermissionMissing):
        rows = []
    return [
        Place(
            id=str(row["source_code"]),
            name=str(row.get("name") or row["source_code"]),
            is_enabled=row.get("enabled") is not False,
        )
        for row in rows
    ] or [Place(id=DEFAULT_SOURCE, name="Default Source")]
