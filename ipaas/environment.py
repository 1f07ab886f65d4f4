"""Reads the environment: every setting comes from here, and a wrong one stops start-up with what to do."""

import json
import secrets
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from ipaas import postgres


class KeyFiles(FileAwareMapping):  # type: ignore[misc]
    """The environment, where NAME_FILE names a file that holds NAME: so a key need not stand in the environment."""

    def __getitem__(self, name: str) -> str:
        """The value without the line's end. Raises KeyError; ImproperlyConfigured for a file that cannot be read."""
        try:
            return str(super().__getitem__(name)).removesuffix("\n")
        except (OSError, UnicodeDecodeError) as exc:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {exc}") from exc


class Environment(environ.Env):  # type: ignore[misc]
    """Reads typed values of it."""

    ENVIRON = KeyFiles()


env = Environment()
KEY_ADVICE = "Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
ENVIRONMENTS = ("local", "production")


def environment_name() -> str:
    """`local` (default; loopback only, secrets kept in the data directory) or `production`."""
    name = str(env.str("ENVIRONMENT", default="local"))
    if name not in ENVIRONMENTS:
        raise ImproperlyConfigured(f"ENVIRONMENT is {name!r}: set it to one of {', '.join(ENVIRONMENTS)}.")
    return name


def production_value(name: str, *, production: bool, local: Any, advice: str) -> str:
    """The variable's value; locally `local()` when it is unset, in production a stop with `advice`."""
    value = str(env.str(name, default="")).strip()
    if value:
        return value
    if production:
        raise ImproperlyConfigured(f"{name} is not set: {advice}")
    return str(local())


class LocalSecrets:
    """Secrets made once for a local installation and kept, readable by us alone, in its data directory."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "secrets.json"

    def get(self, name: str) -> str:
        """The secret `name`, made on first use."""
        known = json.loads(self.path.read_text()) if self.path.exists() else {}
        if name not in known:
            known[name] = Fernet.generate_key().decode() if name == "CREDENTIAL_KEYS" else secrets.token_urlsafe(48)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(known))
            fresh.replace(self.path)
        return str(known[name])


def credential_keys(text: str) -> list[str]:
    """The key ring, newest first. Raises ImproperlyConfigured when a key is not a Fernet key."""
    keys = [key.strip() for key in text.split(",") if key.strip()]
    for position, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError as exc:
            raise ImproperlyConfigured(
                f"CREDENTIAL_KEYS: key {position} is not a Fernet key (32 bytes, URL-safe base64). {KEY_ADVICE}"
            ) from exc
    return keys


def digest_key(secret_key: str, former: list[str]) -> str:
    """DIGEST_KEY, else the signing key. Raises ImproperlyConfigured where the signing key was changed without it."""
    value = str(env.str("DIGEST_KEY", default="")).strip()
    if former and not value:
        raise ImproperlyConfigured(
            "SECRET_KEY_FALLBACKS is set and DIGEST_KEY is not: set DIGEST_KEY to the first SECRET_KEY you had, and "
            "leave it there. Digests of addresses and buyers are keyed by it; it signs nothing."
        )
    return value or secret_key


def database(data_directory: Path, *, production: bool) -> dict[str, Any]:
    """Django's database settings: DATABASE_URL, else our own PostgreSQL, else (where that cannot load) SQLite."""
    url = production_value(
        "DATABASE_URL",
        production=production,
        local=lambda: "",
        advice="point it at a PostgreSQL database, such as postgres:///tillbridge?host=/run/postgresql.",
    )
    if not url:
        try:
            url = postgres.ensure_running(data_directory / "postgres").url
        except postgres.PostgresUnavailable as reason:
            print(f"Using SQLite, for trying out only: {reason}")  # noqa: T201 (before logging is set up)
            url = f"sqlite:///{data_directory / 'tillbridge.sqlite3'}"
        except postgres.PostgresSilent as reason:  # another database would hide what this one holds
            raise ImproperlyConfigured(str(reason)) from reason
    return tuned(dict(env.db_url_config(url)))


def tuned(config: dict[str, Any]) -> dict[str, Any]:
    """Add what DEPENDENCIES.md measured to matter for this kind of database."""
    if config["ENGINE"] == "django.db.backends.sqlite3":
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        }
        return config | {"OPTIONS": options}
    config["OPTIONS"] = {
        "connect_timeout": 5,
        "options": "-c statement_timeout=60000 -c lock_timeout=20000",
        **config.get("OPTIONS", {}),
    }
    return config | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
