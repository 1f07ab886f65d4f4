"""Programs that call the API, each with a token of its own."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import ApiToken, Role
from connections.permissions import SCOPES, Action
from connections.services.api_tokens import api_token_make
from tests.screens.conftest import Shop, open_shop


@dataclass(frozen=True, kw_only=True)
class Program:
    """A caller with a token."""

    token: ApiToken
    secret: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to a request; `body` is sent as JSON."""
        sent: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        client = Client(raise_request_exception=False)
        return client.generic(method, f"/v1/{path}", **encoded(sent), headers=self.headers(**headers))

    def get(self, path: str) -> Any:
        """The body of a 200."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def headers(self, **more: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.secret}", **named}


def encoded(sent: dict[str, Any]) -> dict[str, Any]:
    return sent | {"data": json.dumps(sent["data"])} if "data" in sent else {}


def program(shop: Shop, role: Role = Role.OWNER, scopes: tuple[Action, ...] = SCOPES) -> Program:
    """A program whose token was made by the person with this role."""
    token, secret = api_token_make(
        merchant=shop.merchant, actor=shop.people[role], name="Warehouse", scopes=scopes, days=None, now=timezone.now()
    )
    return Program(token=token, secret=secret)


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop("Harbor & Pine")


@pytest.fixture(params=["both walls", "first wall"])
def rival(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Somebody else's shop. The first wall, the filters, must hide it alone too."""
    if request.param == "first wall":
        monkeypatch.setattr("syncjobs.api.access.wall_raise", lambda person: None)
    return open_shop("Cove & Cedar")


@pytest.fixture
def api(shop: Shop) -> Program:
    return program(shop)
