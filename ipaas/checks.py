"""System checks: the queue's settings as measured (DEPENDENCIES.md, django-q2), and what stands before the product."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

# Every key that django-q2 1.11 reads and we use; it ignores unknown ones in silence.
CLUSTER_KEYS = frozenset(
    {
        "name", "orm", "broker_class", "cache", "workers", "timeout", "retry", "queue_limit", "bulk", "poll",
        "ack_failures", "max_attempts", "save_limit", "catch_up", "recycle", "max_rss", "guard_cycle", "log_level",
        "ALT_CLUSTERS",
    }
)  # fmt: skip
FIXED = {"ack_failures": True, "max_attempts": 1, "save_limit": -1, "catch_up": False}
CLASSES = ("soon", "bulk")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")
ENCRYPTED = ("require", "verify-ca", "verify-full")  # of PostgreSQL's sslmode


@register("queue")
def queue_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Sequence[CheckMessage]:
    """Everything about the queue that would fail late and quietly fails here, at start."""
    base = dict(settings.Q_CLUSTER)
    alternatives = base.pop("ALT_CLUSTERS", {})
    messages = list(_missing_classes(alternatives))
    for name, cluster in [("now", base), *((name, base | own) for name, own in alternatives.items())]:
        messages += _cluster(name, cluster)
    return messages + list(_database(settings.DATABASES["default"], base))


def _missing_classes(alternatives: Mapping[str, Any]) -> Iterator[Error]:
    for name in CLASSES:
        if name not in alternatives:
            yield Error(
                f"Q_CLUSTER has no ALT_CLUSTERS[{name!r}]: jobs of that class would never run.", id="ipaas.E001"
            )


def _cluster(name: str, cluster: Mapping[str, Any]) -> Iterator[Error]:
    if unknown := sorted(cluster.keys() - CLUSTER_KEYS):
        yield Error(f"Q_CLUSTER ({name}) has keys that django-q2 ignores: {', '.join(unknown)}.", id="ipaas.E002")
    for key, value in FIXED.items():
        if cluster.get(key) != value:
            yield Error(f"Q_CLUSTER ({name}): {key} must be {value!r}.", id="ipaas.E003")
    timeout, cycle = cluster.get("timeout", 0), cluster.get("guard_cycle", 0)
    if not timeout or not cycle or (timeout + 3) % cycle or int(timeout) != timeout:
        yield Error(
            f"Q_CLUSTER ({name}): guard_cycle must divide timeout + 3 and timeout be whole seconds; "
            "otherwise a task that hangs is never killed.",
            id="ipaas.E004",
        )
    held = 2 * timeout * (cluster["queue_limit"] / cluster["workers"] + 1)
    if cluster["retry"] < held:
        yield Error(
            f"Q_CLUSTER ({name}): retry must be at least 2 x timeout x (queue_limit / workers + 1) = {held:.0f} "
            "seconds; otherwise tokens that wait in memory run twice.",
            id="ipaas.E005",
        )


def _database(database: Mapping[str, Any], cluster: Mapping[str, Any]) -> Iterator[Error]:
    if "postgresql" not in database["ENGINE"]:
        return
    if cluster.get("broker_class") != "ipaas.queue.PostgresBroker":
        yield Error("Q_CLUSTER: broker_class must be ipaas.queue.PostgresBroker on PostgreSQL.", id="ipaas.E006")
    if not database.get("CONN_MAX_AGE") or not database.get("CONN_HEALTH_CHECKS"):
        yield Error("DATABASES: workers need CONN_MAX_AGE (600) and CONN_HEALTH_CHECKS.", id="ipaas.E007")
    if database.get("OPTIONS", {}).get("pool"):
        yield Error(
            "DATABASES: no connection pool in settings: it does not survive the fork of a worker. "
            "Threads and workers keep their own connection (CONN_MAX_AGE).",
            id="ipaas.E008",
        )


@register(Tags.security, deploy=True)
def lines_are_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Sequence[CheckMessage]:
    """What leaves this host goes by TLS; calls to Heartland and BigCommerce can do no other."""
    database, found = settings.DATABASES["default"], []
    options = database.get("OPTIONS", {})
    if _is_elsewhere(options.get("host") or database.get("HOST", "")) and options.get("sslmode") not in ENCRYPTED:
        found.append(
            Warning(
                "DATABASE_URL names another host and not that its line be encrypted.",
                hint="Add ?sslmode=verify-full&sslrootcert=/path/to/its/authority.pem to it.",
                id="ipaas.W002",
            )
        )
    mails = settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend") and _is_elsewhere(settings.EMAIL_HOST)
    if mails and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        found.append(
            Warning(
                "EMAIL_URL names another host and not that its line be encrypted: mails hold links that let people in.",
                hint="Begin it with smtp+tls:// or smtp+ssl://.",
                id="ipaas.W003",
            )
        )
    return found


def _is_elsewhere(hosts: str) -> bool:
    """Whether one of these hosts (comma separated, as PostgreSQL takes them) is reached over a network."""
    return any(host and not host.startswith("/") and host not in LOOPBACK for host in hosts.split(","))


@register(Tags.security, deploy=True)
def front_server(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Sequence[CheckMessage]:
    """Without the clients' addresses all of them are one, and ten wrong log-ins of a stranger lock everybody out."""
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        return []
    return [
        Warning(
            "TRUSTED_PROXY_COUNT is 0: behind the front server every client has the same address.",
            hint="Set it to the number of proxies before this server: 1 with deploy/nginx alone.",
            id="ipaas.W001",
        )
    ]


@register(Tags.security)
def picture_hosts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Sequence[CheckMessage]:
    """They become a part of every page's content security policy: origins alone, nothing that widens it."""
    return [
        Error(f"PICTURE_HOSTS: {one!r} is no origin.", hint="Such as https://pictures.example.", id="ipaas.E010")
        for one in settings.PICTURE_HOSTS
        if not ORIGIN.fullmatch(one)
    ]
