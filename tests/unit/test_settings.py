"""A wrong or missing production setting stops start-up with a sentence that says what to do."""

import os
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
    "DATABASE_URL": "postgres://tillbridge:secret@db.example.com/tillbridge",
}


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
        ({"SECRET_KEY_FALLBACKS": "a-former-one"}, "set DIGEST_KEY to the first SECRET_KEY you had"),
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT is 'prod': set it to one of local, production."),
    ],
)
def test_a_wrong_production_setting_stops_the_start(changes: dict[str, str], sentence: str) -> None:
    done = manage("check", **PRODUCTION | changes)
    assert done.returncode != 0
    assert sentence in done.stderr.strip().splitlines()[-1]


def test_a_complete_production_environment_passes_the_deployment_checks() -> None:
    check = ["check", "--deploy", "--fail-level", "WARNING"]
    done = manage(*check, **PRODUCTION, TRUSTED_PROXY_COUNT="1")
    assert done.returncode == 0, done.stderr
    assert "TRUSTED_PROXY_COUNT is 0" in manage(*check, **PRODUCTION).stderr
