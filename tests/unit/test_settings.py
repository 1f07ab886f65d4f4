"""A wrong or missing production setting stops start-up with a sentence that says what to do."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "a-long-random-value-" * 4 + "0123456789",
    "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
    "PUBLIC_URL": "https://bridge.example.com",
    "DATABASE_URL": "postgres://tillbridge:secret@db.example.com/tillbridge?sslmode=verify-full",
}

PEER = "postgres:///tillbridge?host=/run/postgresql"


def manage(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a management command with this environment and nothing of ours in it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=kept | environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set: make one with"),
        ({"CREDENTIAL_KEYS": ""}, "CREDENTIAL_KEYS is not set: it encrypts tokens at rest."),
        ({"CREDENTIAL_KEYS": "short"}, "CREDENTIAL_KEYS: key 1 is not a Fernet key"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set: point it at a PostgreSQL database"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is not set: give the https address"),
        ({"PUBLIC_URL": "http://bridge.example.com"}, "in production it must start with https://"),
        ({"BREACHED_PASSWORDS_URL": "http://range.example.com"}, "BREACHED_PASSWORDS_URL must start with https://"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4317"}, "must start with http:// or https://, or be empty."),
        ({"SECRET_KEY_FALLBACKS": "a-former-one"}, "set DIGEST_KEY to the first SECRET_KEY you had"),
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT is 'prod': set it to one of local, production."),
    ],
)
def test_a_wrong_production_setting_stops_the_start(changes: dict[str, str], sentence: str) -> None:
    done = manage("check", **PRODUCTION | changes)
    assert done.returncode != 0
    assert sentence in done.stderr.strip().splitlines()[-1]


def test_the_database_is_reached_by_its_socket_without_a_password() -> None:
    script = "from django.db import connection as one; print(one.get_connection_params())"
    said = manage("shell", "-v", "0", "-c", script, **PRODUCTION | {"DATABASE_URL": PEER})
    assert "'dbname': 'tillbridge'" in said.stdout, said.stderr
    assert "'host': '/run/postgresql'" in said.stdout
    assert "password" not in said.stdout
    assert "'user'" not in said.stdout  # PostgreSQL asks the system who we are


def test_keys_are_read_from_files(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("a-key-of-a-file-" * 4 + "\n")
    environment = PRODUCTION | {"SECRET_KEY": "", "SECRET_KEY_FILE": str(file)}
    said = manage(
        "shell", "-v", "0", "-c", "from django.conf import settings; print(settings.SECRET_KEY)", **environment
    )
    assert said.stdout == "a-key-of-a-file-" * 4 + "\n"
    file.unlink()
    assert "SECRET_KEY_FILE cannot be read: " in manage("check", **environment).stderr.strip().splitlines()[-1]


def test_a_complete_production_environment_passes_the_deployment_checks() -> None:
    check = ["check", "--deploy", "--fail-level", "WARNING"]
    done = manage(*check, **PRODUCTION, TRUSTED_PROXY_COUNT="1")
    assert done.returncode == 0, done.stderr
    assert "TRUSTED_PROXY_COUNT is 0" in manage(*check, **PRODUCTION).stderr


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({"DATABASE_URL": PEER, "EMAIL_URL": "smtp://localhost:25"}, set()),
        ({"DATABASE_URL": "postgres://tillbridge:secret@db.example.com/tillbridge"}, {"ipaas.W002"}),
        ({"DATABASE_URL": f"{PEER},db.example.com&sslmode=prefer"}, {"ipaas.W002"}),
        ({"EMAIL_URL": "smtp://mail.example.com:25"}, {"ipaas.W003"}),
        ({"EMAIL_URL": "smtp+tls://mail.example.com:587"}, set()),
        ({"EMAIL_URL": "smtp+ssl://mail.example.com:465"}, set()),
    ],
)
def test_lines_to_other_hosts_are_encrypted_or_warned_of(changes: dict[str, str], warned: set[str]) -> None:
    said = manage("check", "--deploy", **PRODUCTION | {"TRUSTED_PROXY_COUNT": "1"} | changes).stderr
    assert set(re.findall(r"ipaas\.W\d+", said)) == warned


def test_what_a_start_logs_and_reports_goes_through_the_redactors() -> None:
    """By the settings themselves: a redactor that nothing is sent through hides nothing."""
    script = (
        "import logging, sentry_sdk\n"
        "for name in ('anything', 'django.request', 'django-q'):\n"
        "    logging.getLogger(name).error('from %s: Bearer abcdefgh12345678', name)\n"
        "print(sentry_sdk.get_client().options['before_send'].__name__)\n"
        "print(sentry_sdk.get_client().options['send_default_pii'])"
    )
    done = manage("shell", "--no-imports", "-c", script, **PRODUCTION, SENTRY_DSN="https://key@sentry.invalid/1")
    assert done.stdout.split() == ["sentry_before_send", "False"], done.stderr
    assert done.stderr.count("Bearer [hidden]") == 3
    assert "abcdefgh" not in done.stderr


WANTED = {
    "ALLOWED_HOSTS": ["bridge.example.com"],
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_SAMESITE": "Lax",
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "X_FRAME_OPTIONS": "DENY",
}


def test_production_answers_to_its_name_and_keeps_cookies_to_its_pages() -> None:
    """What Django's checks take any value of."""
    script = (
        "import json; from django.conf import settings as s;"
        f"print(json.dumps([getattr(s, name) for name in {list(WANTED)}]))"
    )
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=kept | PRODUCTION | {"DJANGO_SETTINGS_MODULE": "ipaas.settings"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert dict(zip(WANTED, json.loads(said), strict=True)) == WANTED
