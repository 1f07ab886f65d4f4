"""Who comes in over the API: a token of one merchant, with its rights, its maker's role, and so many calls a minute.

Every view says in `needs` which right each of its methods asks for; `connections.permissions` says who has it.
"""

import logging
from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from connections.audit import API_TOKEN
from connections.models import ApiToken, Connection, Merchant, User
from connections.permissions import Action, may, refusal, role_of
from connections.services.api_tokens import Quota, api_call_count, api_token_of
from connections.wall import wall_raise
from syncjobs.api.problems import KINDS, Problem, invalid
from syncjobs.api.strict_json import StrictJSON

logger = logging.getLogger(__name__)

LONGEST_TOKEN = 200
NO_TOKEN = "Send a token: Authorization: Bearer tb_…"  # noqa: S105
NO_SUCH_TOKEN = "This token is not known, has expired, was revoked, or its maker has left."  # noqa: S105


class BearerToken(BaseAuthentication):
    """The token of the header `Authorization`; its maker is who acts."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != b"bearer" or len(words[1]) > LONGEST_TOKEN:
            raise exceptions.AuthenticationFailed(NO_TOKEN)
        token = api_token_of(words[1].decode("latin-1"), timezone.now())
        if token is None or role_of(token.made_by, token.merchant) is None:
            raise exceptions.AuthenticationFailed(NO_SUCH_TOKEN)
        return token.made_by, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Tillbridge API"'


class OnlyJSON(DefaultContentNegotiation):
    """No `?format=`: it would be one more parameter."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        return list(renderers)


class ApiView(GenericAPIView[Any]):
    """One address of the API. Subclasses say what each method `needs` and which `queries` it reads."""

    authentication_classes = [BearerToken]
    permission_classes = [IsAuthenticated]
    parser_classes = [StrictJSON]
    content_negotiation_class = OnlyJSON
    needs: ClassVar[Mapping[str, Action]]  # method, in lower case → right
    queries: ClassVar[tuple[str, ...]] = ()  # names of query parameters beside filters and pages
    asks_others: ClassVar[bool] = False  # Heartland or the store, while the caller waits
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    quota: Quota | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        marker = API_TOKEN.set("")
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            API_TOKEN.reset(marker)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticated, counted, allowed, understood; from here on behind the wall around the maker's merchants."""
        super().initial(request, *args, **kwargs)
        self.quota = api_call_count(self.token, timezone.now())
        if self.quota.left < 0:
            raise Problem("throttled", f"{self.quota.limit} calls a minute are allowed.")
        self._demand(request)
        self._only_known(request)
        API_TOKEN.set(str(self.token))
        wall_raise(self.actor)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store, private"
        if self.quota:
            answer["RateLimit-Limit"] = str(self.quota.limit)
            answer["RateLimit-Remaining"] = str(max(0, self.quota.left))
            answer["RateLimit-Reset"] = str(self.quota.seconds)
            if answer.status_code == KINDS["throttled"].status:
                answer["Retry-After"] = str(self.quota.seconds)
        return answer

    @property
    def token(self) -> ApiToken:
        token: Any = self.request.auth
        return cast(ApiToken, token)

    @property
    def actor(self) -> User:
        """Who made the token: what it does, this person did by it."""
        return cast(User, self.request.user)

    @property
    def merchant(self) -> Merchant:
        return self.token.merchant

    @property
    def connections(self) -> QuerySet[Connection]:
        """The merchant's stores, as far as they are paired with Heartland."""
        rows = Connection.objects.for_user(self.actor).filter(merchant=self.merchant)
        return rows.select_related("merchant", "heartland", "store")

    @cached_property
    def connection_ids(self) -> list[int]:
        """Their keys, which an index can begin at: it could not at a subquery."""
        return list(self.connections.values_list("pk", flat=True))

    def _demand(self, request: Request) -> None:
        """Scope of the token and role of its maker; a method that the view does not know is told so by the view."""
        action = self.needs.get("get" if request.method == "HEAD" else str(request.method).lower())
        if action is None:
            return
        if str(action) not in self.token.scopes:
            self._refused(request, f"This token lacks the scope “{action}”.")
        role = role_of(self.actor, self.merchant)
        if not may(role, action):
            self._refused(request, refusal(role, action))

    def _refused(self, request: Request, words: str) -> None:
        extra = {"caller": self.token.pk, "path": request.path, "status": int(HTTPStatus.FORBIDDEN)}
        logger.warning("access refused", extra=extra)
        raise Problem("forbidden", words)

    def _only_known(self, request: Request) -> None:
        known = set(self.queries) | set(self.filters_known()) if request.method in {"GET", "HEAD"} else set()
        odd = {name: "This query parameter is not known." for name in request.query_params if name not in known}
        twice = {name: "Give it once." for name, given in request.query_params.lists() if len(given) > 1}
        if odd or twice:
            raise invalid({**twice, **odd})

    def filters_known(self) -> list[str]:
        """Query parameters of filters and pages; none for a view that is no list."""
        return []

    def answer(self, body: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
        return Response(body, status=status)


class Unknown(ApiView):
    """Whatever else stands below the API's address."""

    needs: ClassVar[Mapping[str, Action]] = {}
    authentication_classes = []
    permission_classes = []

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.http_method_names = [str(request.method).lower()]
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound
