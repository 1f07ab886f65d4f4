"""Connecting a Magento installation, whichever way its secrets came: checked before they are kept."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections.audit import audit
from connections.connect.magento.clients import PatientMagentoClient, access_of
from connections.connect.magento.websites import Installation, Website, described, installation_read
from connections.connectors.hosts import base_url_checked
from connections.connectors.magento import MagentoClient
from connections.connectors.magento.base import SignatureRefused
from connections.connectors.magento.signing import Access, Bearer, Signed
from connections.first_contact import told_at_first_contact
from connections.models import AccessState, Connection, Merchant, Store, User
from connections.services.merchants import time_zone_suggest
from connections.services.secrets import credential_store
from connections.services.stores import BELONGS_TO_OTHERS, store_describe
from connections.store_kinds import Description
from errors.failures import ConfigurationFailure, CredentialsRejected, NotOffered, PermissionMissing, SyncFailure
from ipaas.types import NoObserver

KIND = "magento"
# of an address copied from a manual or from Admin's own bar: the API is found below what stands before
PARTS_WITHIN = ("/rest/", "/V1/", "/admin/", "/admin_")
BEARER_SWITCH = "Stores → Configuration → Services → OAuth → Consumer Settings"
BEARER_REFUSED = (
    "Magento does not let this token in. Copy it whole, see that the integration is active, and that "
    f"{BEARER_SWITCH} allows access tokens as bearer tokens (oauth/consumer/enable_integration_as_bearer)."
)


NO_WEBSITES = "The Magento at {} lists no websites. Is this the shop's own address, and its version 2.4 or newer?"
VALUES_REFUSED = (
    "Magento does not know these values, or their integration is inactive or has hardly any permission. Copy all four "
    "anew, each into its own field, and see that they are of the shop at {}."
)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An installation that let us in."""

    client: MagentoClient
    installation: Installation
    signing_url: str


def address_checked(text: str) -> str:
    """The shop's address without what stands for its API or its Admin, with the scheme that people leave out.

    Raises HostRefused.
    """
    text = text.strip()
    text = f"{text}/" if "://" in text else f"https://{text}/"
    for part in PARTS_WITHIN:
        text = text.partition(part)[0] + "/" if part in text else text
    return base_url_checked(text, allow_private=settings.ALLOW_PRIVATE_HOSTS)


def signing_urls_of(*addresses: str) -> list[str]:
    """The addresses under which a shop may see itself, most likely first: a proxy before it often hides its https."""
    given = [one.rstrip("/") for one in addresses if one]
    return list(dict.fromkeys([*given, *map(_other_scheme, given)]))


def _other_scheme(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(scheme="http" if parts.scheme == "https" else "https"))


def store_connect(
    *,
    merchant: Merchant,
    address: str,
    secrets: Mapping[str, str],
    signing_url: str = "",
    website: str = "",
    store: Store | None = None,
    has_moved: bool = False,
    actor: User | None = None,
) -> Store:
    """Connect an installation with secrets that were pasted: those of an integration, a token, or a project's at Adobe.

    `website` is the code of the one to sell from; where there are several and none is named, the store waits unclaimed
    until one is chosen. `store` is connected again, and has to be the same installation unless it `has_moved`.
    """
    address = address_checked(address)
    access = access_of(secrets, NoObserver())
    opened = open_installation(address, access, [signing_url] if signing_url else signing_urls_of(address))
    return store_keep(
        opened=opened,
        merchant=merchant,
        address=address,
        secrets=secrets,
        website=website,
        store=store,
        has_moved=has_moved,
        actor=actor,
    )


def open_installation(address: str, access: Access, signing_urls: Sequence[str]) -> Opened:
    """Ask for websites and views: four calls for the address that signs. Raises what the person needs to hear."""
    refusal: SyncFailure = ConfigurationFailure("There is no address to sign.")
    for signing_url in signing_urls:
        client = PatientMagentoClient(
            address,
            access,
            NoObserver(),
            signing_url=signing_url,
            public_only=not settings.ALLOW_PRIVATE_HOSTS,
        )
        try:
            found = installation_read(client)
            client.access_check()  # a shop may tell guests as much
            return Opened(client=client, installation=found, signing_url=signing_url)
        except SignatureRefused as failure:
            refusal = failure
        except SyncFailure as failure:
            raise _told(failure, address, access) from failure
    raise refusal


def _told(failure: SyncFailure, address: str, access: Access) -> SyncFailure:
    if isinstance(failure, PermissionMissing):
        return failure
    if isinstance(failure, CredentialsRejected) and isinstance(access, Bearer):
        return ConfigurationFailure(BEARER_REFUSED, detail=failure.detail)
    if isinstance(failure, CredentialsRejected) and isinstance(access, Signed):
        return ConfigurationFailure(VALUES_REFUSED.format(urlsplit(address).netloc), detail=failure.detail)
    if isinstance(failure, NotOffered):
        return ConfigurationFailure(NO_WEBSITES.format(urlsplit(address).netloc), detail=failure.summary)
    return told_at_first_contact(failure, "Magento", address)


def store_keep(
    *,
    opened: Opened,
    merchant: Merchant,
    address: str,
    secrets: Mapping[str, str],
    website: str = "",
    store: Store | None = None,
    has_moved: bool = False,
    actor: User | None = None,
) -> Store:
    """Keep what opened an installation, as a new store or as the one that it is. See `store_connect`."""
    known = store or Store.objects.filter(kind=KIND, facts__installation=opened.installation.address).first()
    chosen = _chosen(opened.installation, website, known)
    said = described(opened.client, opened.installation, chosen) if chosen else None
    with transaction.atomic():
        row = _locked(opened.installation.address, store, has_moved=has_moved)
        if row.merchant not in (None, merchant):
            raise ConfigurationFailure(BELONGS_TO_OTHERS)
        _keeps_website(row, chosen)
        row.merchant, row.api_base = merchant, address
        row.facts = {
            **row.facts,
            "installation": opened.installation.address,
            "signing_url": opened.signing_url,
        }
        row.credential = credential_store(credential=row.credential, scopes="", **secrets)
        row.installed_at, row.state_reason = timezone.now(), ""
        row.state = AccessState.UNCLAIMED
        row.name = row.name or opened.installation.address[:120]
        if said:
            _take(row, said)
        row.save()
        audit(merchant=merchant, actor=actor, action="store.connected", subject=row, api_base=address)
        if said:
            time_zone_suggest(merchant=merchant, store=row)
    return row


def website_choose(*, store: Store, code: str, actor: User | None = None) -> Store:
    """Choose the website of a store that waits for it. Raises ConfigurationFailure for one that is not there."""
    opened = _opened_again(store)
    chosen = _named(opened.installation, code)
    said = described(opened.client, opened.installation, chosen)
    with transaction.atomic():
        row: Store = Store.objects.select_for_update().get(pk=store.pk)
        _keeps_website(row, chosen)
        _take(row, said)
        row.save()
        audit(merchant=row.merchant, actor=actor, action="store.website_chosen", subject=row, website=code)
        if row.merchant:
            time_zone_suggest(merchant=row.merchant, store=row)
    return row


def installation_of(store: Store) -> Installation:
    """What the installation behind a store holds: three calls."""
    return _opened_again(store).installation


def _opened_again(store: Store) -> Opened:
    if store.credential is None:
        raise ConfigurationFailure("Magento is not connected: reconnect it.")
    access = access_of(store.credential.read(), NoObserver())
    return open_installation(store.api_base, access, [store.facts["signing_url"]])


def _take(row: Store, said: Description) -> None:
    store_describe(row, said)
    row.state = AccessState.CONNECTED


def _chosen(installation: Installation, code: str, store: Store | None) -> Website | None:
    """The website that is named, that the store had, or that is the only one; None when a person has to choose."""
    code = code or str((store.facts if store else {}).get("website") or "")
    if code:
        return _named(installation, code)
    return installation.websites[0] if len(installation.websites) == 1 else None


def _named(installation: Installation, code: str) -> Website:
    found = installation.website(code)
    if found is None:
        there = ", ".join(f"{one.code} ({one.name})" for one in installation.websites)
        raise ConfigurationFailure(f"Magento has no website “{code}”. It has {there}.")
    return found


def _locked(installation: str, store: Store | None, *, has_moved: bool) -> Store:
    """The row of an installation, locked; made when it is new. Raises ConfigurationFailure when `store` is another."""
    rows = Store.objects.select_for_update().filter(kind=KIND)
    if store is not None:
        row: Store = rows.get(pk=store.pk)
        known = row.facts.get("installation")
        if known != installation and not has_moved:
            raise ConfigurationFailure(
                f"This is another shop: it calls itself {installation}, and {row} was {known}. If it moved, say so."
            )
        if rows.exclude(pk=row.pk).filter(facts__installation=installation).exists():
            raise ConfigurationFailure(f"{installation} is connected as a store of its own already.")
        return row
    found: Store | None = rows.filter(facts__installation=installation).first()
    if found:
        return found
    made: Store = rows.get_or_create(kind=KIND, store_hash=hash_of(installation))[0]
    if made.facts.get("installation", installation) != installation:
        raise ConfigurationFailure(f"{installation} was the address of {made}, which moved: reconnect that store.")
    return made


def hash_of(installation: str) -> str:
    """What names an installation for good, made of what it called itself when it was first connected."""
    return hashlib.sha256(installation.encode()).hexdigest()[:16]


def _keeps_website(row: Store, chosen: Website | None) -> None:
    """A store that is paired sells from the website it always did: its history and links are that one's."""
    had = row.facts.get("website")
    if had and chosen and chosen.code != had and Connection.objects.filter(store=row).exists():
        raise ConfigurationFailure(f"{row} sells from the website “{had}”: its history belongs there.")
