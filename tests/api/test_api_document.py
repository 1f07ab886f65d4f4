"""The OpenAPI document: built without a warning, true of what the server answers, and drawn as a page.

schemathesis calls whatever it offers, with its examples and odd values, as a program whose token may do everything.
API_SEED plays a printed run again; API_EXAMPLES says how many values each operation gets, API_SECONDS for how long.
"""

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from pytest_django.live_server_helper import LiveServer

from connections.models import ApiToken
from connections.outbox import EVENTS
from connections.vocabulary import STATES
from errors.models import AlertKind
from syncjobs.api.problems import KINDS
from syncjobs.api.schema import document
from syncjobs.models import Record
from tests import factories
from tests.api.conftest import program
from tests.api.test_api_access import ROUTES, objects
from tests.screens.conftest import open_shop
from tests.screens.test_vocabulary import WORD
from tests.unit.test_imports import ROOT

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


def test_every_answer_has_an_example_that_its_schema_allows() -> None:
    made, without = document(), []
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                for media in response.get("content", {}).values() if status.startswith("2") else ():
                    given = [one["value"] for one in media.get("examples", {}).values()]
                    given += [media["example"]] if "example" in media else []
                    without += [] if given else [f"{method} {path}"]
                    schema = {**media["schema"], "components": made["components"]}
                    for one in given:
                        Draft202012Validator(schema, format_checker=FormatChecker()).validate(one)
    assert without == []
    paths = set(made["paths"])
    asked = {"orders", "payments", "customers", "products", "inventory", "reports/transactions", "webhooks"}
    assert {f"/v1/{name}" for name in asked} <= paths  # the customer's table


def test_the_document_and_mails_speak_as_the_screens_do() -> None:
    """One word a thing: no word of the engine in what programs or readers of mails are told."""
    texts = {path.name: re.sub(r"{[%{].*?[%}]}", "", path.read_text()) for path in (ROOT / "templates/mail").iterdir()}
    texts |= EVENTS | {f"alert {kind}": str(kind.label) for kind in AlertKind} | dict(told_in(document()))
    assert {name: WORD.findall(text) for name, text in texts.items() if WORD.search(text)} == {}
    told = document()["components"]["schemas"]["OrderRow"]["properties"]["state"]["description"]
    assert re.findall(r"`(\w+)` \(([^)]+)\)", told) == [(str(one), STATES[one]) for one in Record.Disposition]


def told_in(part: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Whatever the document says in words, by its place."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in {"description", "summary"} and isinstance(value, str):
                yield f"{place}/{key}", value
            yield from told_in(value, f"{place}/{key}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from told_in(value, f"{place}/{number}")


def guide_table() -> str:
    """Every endpoint with what it does and asks for, as the developers' guide has it."""
    rows = ["| Endpoint | Does | Scope |", "|---|---|---|"]
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            logic, _, scope = operation["description"].partition("\n\nScope: ")
            does = " ".join(logic.split()).partition(". ")[0].rstrip(".")
            rows.append(f"| `{method.upper()} {path}` | {does} | {scope.rstrip('.')} |")
    return "\n".join(rows)


def test_the_developers_guide_lists_the_endpoints() -> None:
    """Where it does not: put what `guide_table` says in its place."""
    assert guide_table() in (ROOT / "docs/developer/api.md").read_text()
