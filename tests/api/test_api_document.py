"""The OpenAPI document: built without a warning, true of what the server answers, and drawn as a page.

schemathesis calls whatever it offers, with its examples and odd values, as a program whose token may do everything.
API_SEED plays a printed run again; API_EXAMPLES says how many values each operation gets, API_SECONDS for how long.
"""

import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from connections.models import ApiToken
from syncjobs.api.problems import KINDS
from syncjobs.api.schema import document
from tests import factories
from tests.api.conftest import program
from tests.api.test_api_access import ROUTES, objects
from tests.screens.conftest import open_shop

SEED = int(os.environ.get("API_SEED", random.randrange(10**6)))
EXAMPLES, SECONDS = os.environ.get("API_EXAMPLES", "6"), os.environ.get("API_SECONDS", "30")
LOOKED_AT = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
)


def test_it_is_built_without_a_warning(tmp_path: Path) -> None:
    target = tmp_path / "openapi.json"
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(target))
    assert '"openapi": "3.1.0"' in target.read_text()


def test_it_holds_every_route_and_no_other() -> None:
    told = {(path, method) for path, operations in document()["paths"].items() for method in operations}
    ours = {("/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route.path), route.method) for route in ROUTES}
    assert told == ours


def test_every_operation_says_its_scope_and_its_problems() -> None:
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            assert "Scope: `" in operation["description"], path
            assert {"400", "401", "403", "406", "429", "500", "503"} <= operation["responses"].keys(), path
            assert operation["security"] == [{"token": []}], path


def test_it_is_open_to_whoever_builds_on_it(db: None) -> None:
    answer = Client().get("/v1/openapi.json")
    assert (answer.status_code, answer.json()["info"]["title"]) == (200, "Tillbridge API")


def test_the_page_lists_every_endpoint_and_every_error(db: None) -> None:
    shown = Client().get("/developers/").content.decode()
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            assert f"{method.upper()} {path}</code>" in shown
            assert f'id="{operation["operationId"]}"' in shown
    for code in KINDS:
        assert f'id="{code}"' in shown


@pytest.mark.django_db(transaction=True)
def test_the_server_answers_what_it_says(live_server: LiveServer, settings: Any, tmp_path: Path) -> None:
    settings.API_CALLS_PER_MINUTE = 1_000_000
    shop = open_shop("Harbor & Pine")
    objects(shop)
    factories.catalogue(shop.connection)
    caller = program(shop)
    command = [
        str(Path(sys.executable).parent / "st"), "--no-color", "run", f"{live_server.url}/v1/openapi.json",
        "--phases", "examples,fuzzing", "--max-examples", EXAMPLES, "--seed", str(SEED), "--max-time", SECONDS,
        "--checks", ",".join(LOOKED_AT), "--header", f"Authorization: Bearer {caller.secret}", "--warnings", "off",
        "--suppress-health-check", "all", "--request-timeout", "20", "--continue-on-failure",
    ]  # fmt: skip
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=float(SECONDS) + 120, cwd=tmp_path
    )
    print(f"API_SEED={SEED}", ran.stdout[-6000:])  # noqa: T201
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    assert ApiToken.objects.get(pk=caller.token.pk).window_calls > len(ROUTES)
