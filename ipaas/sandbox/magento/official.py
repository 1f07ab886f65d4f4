"""What the official schemas and `specs/routes-acl.csv` say of each route: parameters, body, answer, right, edition."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ipaas.sandbox.core.jsonio import loads

SPECS = Path(__file__).parent / "specs"
FURTHER = "carts-taxes-2.4.8.swagger.json"  # the same in every version that is played
VERSIONS = ("2.4.6", "2.4.8", "2.4.9")
ANONYMOUS, SELF = "anonymous", "self"
NAME_OF_REF = len("#/definitions/")

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path or query parameter of a route."""

    name: str
    type: str  # "integer", "number", "boolean", "string", "array"
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one official path in one version."""

    method: str
    path: str
    in_path: tuple[Parameter, ...]
    in_query: tuple[Parameter, ...]
    body: Schema | None  # None: the route takes no body
    answer: Schema | None  # None: a void service, which answers []


class Official:
    """The schema of one version. Definitions are named as in `#/definitions/<name>`."""

    def __init__(self, version: str) -> None:
        own, further = (
            loads((SPECS / name).read_bytes()) for name in (f"admin-{version}-subset.swagger.json", FURTHER)
        )
        self.definitions: Mapping[str, Schema] = {**further["definitions"], **own["definitions"]}
        self.declared: Mapping[tuple[str, str], Mapping[str, Any]] = {
            (method.upper(), plain(path)): declared
            for document in (further, own)
            for path, methods in document["paths"].items()
            for method, declared in methods.items()
        }
        self.operations = {key: _operation(*key, declared) for key, declared in self.declared.items()}

    def resolve(self, schema: Schema) -> Schema:
        """The schema itself, or the definition that it names."""
        while "$ref" in schema:
            schema = self.definitions[schema["$ref"][NAME_OF_REF:]]
        return schema


@dataclass(frozen=True, slots=True)
class Right:
    """Who may call a route: the ACL resource ("" where the list has none) and the edition that has it."""

    resource: str
    edition: str  # "open-source", "commerce", "unknown"


def plain(path: str) -> str:
    """A path without its trailing slash, which the real system tolerates (§1)."""
    return path.rstrip("/")


@lru_cache(maxsize=len(VERSIONS))
def official(version: str) -> Official:
    """The schema of a version, read once."""
    return Official(version)


@lru_cache(maxsize=1)
def rights() -> Mapping[tuple[str, str], Right]:
    """Right of each route by method and path."""
    with (SPECS / "routes-acl.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (row["method"], plain(row["path"])): Right(row["acl_resource"], row["edition"])
            for row in csv.DictReader(lines)
        }


def _operation(method: str, path: str, declared: Mapping[str, Any]) -> Operation:
    parameters = declared.get("parameters", ())
    bodies = [row["schema"] for row in parameters if row["in"] == "body"]
    return Operation(
        method,
        path,
        tuple(_parameter(row) for row in parameters if row["in"] == "path"),
        tuple(_parameter(row) for row in parameters if row["in"] == "query"),
        bodies[0] if bodies else None,
        declared["responses"].get("200", {}).get("schema"),
    )


def _parameter(row: Mapping[str, Any]) -> Parameter:
    return Parameter(row["name"], row["type"], bool(row.get("required")))
