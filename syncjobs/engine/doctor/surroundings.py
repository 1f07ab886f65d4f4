"""What the product stands on: keys, settings, disk, mail, its address, the hosts it calls, the list of advisories."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone

from connections.models import AccessState, HeartlandAccount, Store
from connections.services.secrets import former_count, unreadable_count
from connections.store_kinds import KINDS
from ipaas import advisories
from syncjobs.engine.doctor.doctor_findings import Problem

LEAST_FREE = 1_000_000_000  # bytes
LEAST_SHARE = 0.05
LARGEST_DATABASE = 200_000_000_000  # bytes; beyond it backups and restores take hours
TIMEOUT_SECONDS = 5
NOWHERE = ("console", "dummy", "locmem", "filebased")


def keys() -> Iterator[Problem]:
    if unreadable := unreadable_count():
        told = ", ".join(f"{count} of {column}" for column, count in unreadable.items())
        yield Problem(
            says=f"No key of CREDENTIAL_KEYS opens {told}.",
            do="Put the former key back into CREDENTIAL_KEYS, after the newest, and run: manage.py credential_rotate",
        )
    former = former_count()
    if former and len(settings.CREDENTIAL_KEYS) > 1:
        yield Problem(
            says=f"{former} stored secrets are still under a former key.",
            do="Run: manage.py credential_rotate. Take no key out before it says that nothing is left to move.",
        )


def configuration() -> Iterator[Problem]:
    """What `check --deploy` says, in production; elsewhere what `check` says."""
    for message in checks.run_checks(include_deployment_checks=settings.PRODUCTION):
        if message.level >= checks.WARNING:
            yield Problem(says=f"{message.id}: {message.msg}", do=message.hint or "Correct the setting.")


def disk() -> Iterator[Problem]:
    place = Path(settings.DATA_DIR)
    if not place.exists():
        yield Problem(says=f"DATA_DIR, {place}, is not there.", do="Make it, writable for the user that we run as.")
        return
    usage = shutil.disk_usage(place)
    if usage.free < max(LEAST_FREE, LEAST_SHARE * usage.total):
        yield Problem(
            says=f"The disk of DATA_DIR has {usage.free / 1e9:.1f} GB left of {usage.total / 1e9:.0f}.",
            do="Make room or enlarge it: a database on a full disk takes no callbacks.",
        )


def database_size() -> Iterator[Problem]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = cursor.fetchone()[0]
    if size > LARGEST_DATABASE:
        yield Problem(
            says=f"The database holds {size / 1e9:.0f} GB.",
            do="See that retention runs (schedules), and lower PAYLOAD_RETENTION_DAYS.",
        )


def address() -> Iterator[Problem]:
    """Whether PUBLIC_URL leads to a server of ours, as browsers and webhooks reach it."""
    url = f"{settings.PUBLIC_URL}/health/"
    if settings.PUBLIC_HOST not in settings.ALLOWED_HOSTS:
        yield Problem(
            says=f"ALLOWED_HOSTS does not hold {settings.PUBLIC_HOST}, the host of PUBLIC_URL.",
            do="Add it, or leave ALLOWED_HOSTS unset.",
        )
    try:
        status = requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False).status_code
    except requests.RequestException as exc:
        yield Problem(
            says=f"PUBLIC_URL, {settings.PUBLIC_URL}, is not reached from here: {type(exc).__name__}.",
            do="Start the web server and the proxy before it, and compare name, port and certificate.",
        )
        return
    if status != requests.codes.ok:
        yield Problem(says=f"{url} answers {status}.", do="See whether it leads to this product, and look at its log.")


def mail() -> Iterator[Problem]:
    backend = settings.EMAIL_BACKEND
    if any(name in backend for name in NOWHERE):
        if settings.PRODUCTION:
            yield Problem(
                says="Mails go nowhere: no person can reset a password or hears of an alert.",
                do="Set EMAIL_URL, such as smtp+tls://user:password@mail.example.com:587.",
            )
        return
    try:
        server = get_connection(timeout=TIMEOUT_SECONDS)
        server.open()
        server.close()
    except OSError as exc:  # smtplib's failures are of its kind
        yield Problem(says=f"The mail server of EMAIL_URL does not take us: {exc}", do="Correct EMAIL_URL.")


def outside_hosts() -> Iterator[Problem]:
    connected = {"state": AccessState.CONNECTED}
    urls = [settings.HEARTLAND_OAUTH_BASE, settings.BREACHED_PASSWORDS_URL]
    urls += [address for kind in KINDS.values() for address in kind.addresses()]
    urls += HeartlandAccount.objects.filter(**connected).values_list("base_url", flat=True)
    urls += Store.objects.filter(**connected).values_list("api_base", flat=True)
    for host in sorted({urlsplit(url).hostname or "" for url in urls if url}):
        try:
            socket.getaddrinfo(host, None)
        except OSError:
            yield Problem(
                says=f"The name {host} leads to no address: calls to it wait.",
                do="See whether this host has a working resolver, and whether the name is written as it should.",
            )


def known_faults() -> Iterator[Problem]:
    if advisories.is_too_old(timezone.now().date()):
        yield Problem(
            says=f"Security advisories were last looked at on {advisories.looked_on()}.",
            do="Upgrade to a release with a newer list, or look anew (deploy/advisories.json says how).",
        )
    for one in advisories.open_advisories(advisories.pins(), advisories.advisories()):
        yield Problem(says=f"{one.package} is affected by {one.id}.", do="Upgrade to a release without it.")
