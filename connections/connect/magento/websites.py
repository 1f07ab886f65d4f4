"""Which of an installation's websites a store stands for.

One installation of Magento is one Store, and of its websites one is chosen: base currency, price scope, sales channel
and stock are the website's, as are the store views whose orders are brought over. Orders and sources of the other
websites are left alone. A second website of the same installation is not a second Store: both would write the
quantities of the sources that they share, each reckoning with its own open orders alone.

`Store.facts` holds what is needed at each run: `website`, `website_id`, `views` (id of each store view of the
installation, as text → id of its website), `stock_id` (None where several sources are switched off) and `source`, the
source that stock is taken from where none is chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from connections.connectors.magento import MagentoClient
from connections.models import Store
from connections.store_kinds import Description
from errors.failures import ContractBroken, NotFound, NotOffered, PermissionMissing
from ipaas.types import JSON

ADMIN = 0  # id of Admin's own website and view, where nothing is sold
DEFAULT_SOURCE = "default"  # always there (notes §15.1)


@dataclass(frozen=True, kw_only=True)
class Website:
    """A website of the installation."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What an installation holds, by its own lists."""

    websites: tuple[Website, ...]  # by id
    views: Sequence[JSON]
    configs: Sequence[JSON]

    def website(self, code: str) -> Website | None:
        return next((one for one in self.websites if one.code == code), None)

    @property
    def address(self) -> str:
        """What the installation calls itself: the address of its first view. Names it for good."""
        first = min(self.configs, key=lambda row: int(row["id"]), default=None)
        if first is None:
            raise ContractBroken("Magento has no store view.")
        parts = urlsplit(str(first.get("secure_base_url") or first.get("base_url") or ""))
        return f"{parts.netloc.lower()}{parts.path.rstrip('/')}"

    def config(self, website: Website) -> JSON:
        """The settings of the website's first view. Raises ContractBroken when it has none."""
        rows = [row for row in self.configs if row.get("website_id") == website.id]
        if not rows:
            raise ContractBroken(f"Magento's website {website.name} has no store view.")
        return min(rows, key=lambda row: int(row["id"]))


def installation_read(client: MagentoClient) -> Installation:
    """Ask for it: three calls."""
    rows = [row for row in client.websites() if row.get("id") != ADMIN]
    found = (
        Website(id=int(row["id"]), code=str(row["code"]), name=str(row.get("name") or row["code"])) for row in rows
    )
    return Installation(
        websites=tuple(sorted(found, key=lambda one: one.id)),
        views=[row for row in client.store_views() if row.get("id") != ADMIN],
        configs=client.store_configs(),
    )


def described(client: MagentoClient, installation: Installation, website: Website) -> Description:
    """The store that the website is: at most two calls."""
    config = installation.config(website)
    address = urlsplit(str(config.get("secure_base_url") or config.get("base_url") or ""))
    stock_id = stock_id_of(client, website)
    return Description(
        name=website.name,
        domain=f"{address.netloc}{address.path.rstrip('/')}",
        currency=str(config.get("base_currency_code") or ""),
        time_zone=str(config.get("timezone") or ""),
        facts={
            "website": website.code,
            "website_id": website.id,
            "views": {str(row["id"]): row.get("website_id") for row in installation.views},
            "stock_id": stock_id,
            "source": first_source(client, stock_id),
        },
    )


def stock_id_of(client: MagentoClient, website: Website) -> int | None:
    """The stock that the website sells from; None where there are no stocks, or we may not see them."""
    try:
        found: Any = client.stock_of_website(website.code).get("stock_id")
    except (NotFound, NotOffered, PermissionMissing):
        return None
    return int(found) if found is not None else None


def source_of(store: Store) -> str:
    """The source that stock is taken from where none is chosen, as the store last said. No call."""
    return str(store.facts.get("source") or DEFAULT_SOURCE)


def first_source(client: MagentoClient, stock_id: int | None) -> str:
    """The code of the source that the stock sells from first."""
    if stock_id is None:
        return DEFAULT_SOURCE
    try:
        rows = client.sources_of_stock(stock_id)
    except (NotFound, NotOffered, PermissionMissing):
        return DEFAULT_SOURCE
    enabled = [str(row["source_code"]) for row in rows if row.get("enabled") is not False]
    return enabled[0] if enabled else DEFAULT_SOURCE
