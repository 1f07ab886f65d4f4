"""What every Magento call shares: how it is signed, how errors read, how lists page (notes §2–§6)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from sys import maxsize
from typing import Any, NoReturn, Protocol, Self
from urllib.parse import urlsplit

from connections.connectors import wire
from connections.connectors.http import JSONClient, Problem
from connections.connectors.jsontext import NotJson, decode
from connections.connectors.magento.criteria import Filter, Group, Sort, criteria
from connections.connectors.magento.rights import WORDS
from connections.connectors.magento.signing import Access, encoded
from errors.failures import (
    ContractBroken,
    CredentialsRejected,
    NotItsApi,
    NotOffered,
    PermissionMissing,
    Rejected,
    ServerTrouble,
)
from ipaas.types import JSON, CallObserver, System

ALL = "all"  # the scope of the whole installation; a store view's code is another (§1)
BULK_MODE = "/async/bulk"  # of a route whose bodies are worked off later (§16)

REDIRECTS = (301, 302, 303, 307, 308)  # not followed: a signature is for one address
DEAD = "Magento no longer accepts our access: reconnect it."
NO_ROUTE = "Request does not match any route"
LOCKED = re.compile("deadlock|lock wait timeout|database connection error", re.I)  # trouble behind a 400 (§4)
UNSAVED = re.compile(
    "unable to be saved. please try again|could not save (source item|a shipment|an invoice|a creditmemo)", re.I
)
UNSIGNED = re.compile("signature is invalid", re.I)
UNUSED_ONCE = re.compile("nonce", re.I)
PLACEHOLDER = re.compile(r"%(\w+)")
# One cheap question for each of several rights: an integration that lives has one of them. None of them is open to
# guests where a shop lets these read its catalogue and its websites (§2.4).
TELLS_LIFE = (
    ("/modules", ()),
    ("/orders", criteria(page_size=1, fields="items[entity_id]")),
    ("/inventory/sources", criteria(page_size=1, fields="items[source_code]")),
    ("/shipments", criteria(page_size=1, fields="items[entity_id]")),
)


class PageLimit(Protocol):
    """How many rows of a list the shop gives at a time, as its refusals told."""

    @property
    def most(self) -> int:
        """As learnt; more than anybody asks for before."""

    def refused(self, refusal: Rejected) -> None:
        """Take the limit from a refusal that is about it. Raises that refusal when it is about anything else."""


class UntoldLimit:
    """Fulfils PageLimit for as long as the client lives."""

    def __init__(self) -> None:
        self.most = maxsize

    def refused(self, refusal: Rejected) -> None:
        told = refusal.fields.get("max", "")
        if not told.isdigit() or not 0 < int(told) < self.most:
            raise refusal
        self.most = int(told)


class SignatureRefused(CredentialsRejected):
    """The secrets are not the integration's, or the shop sees itself under another address than the one we sign."""


class SaveFailed(ServerTrouble):
    """400 with a `could not save`: trouble of the moment, or a refusal that stays; read the state before a repeat."""

    code = "save_failed"


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a list."""

    rows: list[JSON]
    size: int  # rows that were asked for: fewer than wanted where the shop limits pages
    total: int  # of all pages, at this moment
    answered_at: datetime | None  # the shop's clock


class MagentoBase(JSONClient):
    """A client of one installation, in one scope.

    `base_url` is where we call: the shop's address without /rest, with /index.php where it needs that. `signing_url` is
    the same as the shop sees it, where a proxy before it changes scheme or host (§2.3, specific 4).
    """

    name = "Magento"

    def __init__(
        self,
        base_url: str,
        access: Access,
        observer: CallObserver,
        *,
        signing_url: str = "",
        scope: str = ALL,
        public_only: bool = False,
        page_limit: PageLimit | None = None,
    ) -> None:
        super().__init__(base_url, {}, System.MAGENTO, observer, public_only=public_only, secrets=access.secrets)
        self._access = access
        self._signing_url = (signing_url or base_url).rstrip("/")
        self._scope = scope
        self._pages = page_limit or UntoldLimit()

    def scoped(self, store_code: str) -> Self:
        """The same client in the scope of a store view, for what is read and written per view."""
        other = copy(self)
        other._scope = store_code
        return other

    def _v1(self, route: str, *, mode: str = "") -> str:
        """The path of a route such as /orders in this client's scope; `mode` is BULK_MODE for one worked off later."""
        return f"{self._access.root(self._scope, mode)}{route}"

    def _exchange(self, method: str, path: str, params: wire.Params, body: Any) -> wire.RawAnswer:
        """Send it signed. The query is put together here, so that what is sent is what is signed."""
        where = f"{path}?{encoded(params)}" if params else path
        self._headers = dict(self._access.headers(method, f"{self._signing_url}{where}", self._scope))
        return super()._exchange(method, where, (), body)

    def _read(self, route: str, what: str, params: wire.Params = ()) -> JSON:
        """One record."""
        return self._object(self._send("GET", self._v1(route), params=params), what)

    def _bare(self, route: str, what: str, params: wire.Params = ()) -> list[JSON]:
        """A list that comes without an envelope."""
        return _rows(self._send("GET", self._v1(route), params=params).data, what)

    def _page(
        self,
        route: str,
        what: str,
        groups: Sequence[Group] = (),
        *,
        sort: Sequence[Sort],
        page_size: int,
        page: int = 1,
        fields: str = "",
    ) -> Page:
        """One page of a list. `fields` has to name `items[…]` and `total_count` where it is given."""
        params = criteria(groups, sort=sort, page_size=page_size, page=page, fields=fields)
        answer = self._send("GET", self._v1(route), params=params)
        body = self._object(answer, f"list of {what}")
        total = body.get("total_count")
        if "items" not in body or not isinstance(total, int):
            raise ContractBroken(f"Magento answered without the list of {what} we asked for.")
        rows = _rows(body["items"] or [], what)
        return Page(rows=rows, size=page_size, total=total, answered_at=answer.answered_at)

    def _fitting_page(
        self,
        route: str,
        what: str,
        groups: Sequence[Group] = (),
        *,
        sort: Sequence[Sort],
        page_size: int,
        page: int = 1,
        fields: str = "",
    ) -> Page:
        """The same, or a page of as many rows as the shop takes: it tells its limit by refusing (§5).

        For who goes by `Page.size`: one call, and one more before the limit is known.
        """
        size = min(page_size, self._pages.most)
        try:
            return self._page(route, what, groups, sort=sort, page_size=size, page=page, fields=fields)
        except Rejected as refusal:
            self._pages.refused(refusal)
            if self._pages.most >= size:
                raise
        return self._page(route, what, groups, sort=sort, page_size=self._pages.most, page=page, fields=fields)

    def _walk(
        self,
        route: str,
        what: str,
        groups: Sequence[Group] = (),
        *,
        key: str,
        page_size: int,
        fields: str = "",
    ) -> Iterator[JSON]:
        """Yield all rows of a list that holds still, by its unique `key`; of one that changes by `_walk_after`.

        A key of several fields has commas between them.
        Stops by the total: a page past the last is empty with one release and the last again with another (§6).
        """
        sort = [Sort(field=one) for one in key.split(",")]
        page = self._fitting_page(route, what, groups, sort=sort, page_size=page_size, fields=fields)
        yield from page.rows
        for number in count(2):
            if len(page.rows) < page.size or (number - 1) * page.size >= page.total:
                return
            page = self._page(route, what, groups, sort=sort, page_size=page.size, page=number, fields=fields)
            yield from page.rows

    def _walk_after(
        self, route: str, what: str, groups: Sequence[Group] = (), *, key: str, page_size: int, fields: str = ""
    ) -> Iterator[JSON]:
        """Yield all rows by ascending numeric `key`, each page behind the last: a change hides none."""
        after: Sequence[Group] = ()
        while True:
            page = self._fitting_page(
                route, what, [*groups, *after], sort=[Sort(field=key)], page_size=page_size, fields=fields
            )
            yield from page.rows
            if len(page.rows) < page.size or page.total <= page.size:
                return
            if key not in page.rows[-1]:
                raise ContractBroken(f"Magento listed {what} without {key}.")
            after = [[Filter(field=key, value=str(page.rows[-1][key]), condition="gt")]]

    def _problem(self, data: Any) -> Problem:
        """Fill what stands in for values; several errors at once become one sentence each (§4).

        `fields` holds named values, such as `max` or `fieldName`, and sentences of an `errors` list by their number.
        """
        if not isinstance(data, Mapping):
            return Problem(fields={})
        if isinstance(messages := data.get("messages"), Mapping):  # early failures have a shape of their own
            errors = messages.get("error")
            first = errors[0] if isinstance(errors, list) and errors else None
            return self._problem(first) if isinstance(first, Mapping) else Problem(fields={})
        parameters = data.get("parameters")
        named = {str(k): str(v) for k, v in parameters.items()} if isinstance(parameters, Mapping) else {}
        errors = data.get("errors")
        listed = {str(n): _sentence(one) for n, one in enumerate(errors)} if isinstance(errors, list) else {}
        return Problem(message=_sentence(data), fields={**named, **listed})

    def _fail(self, method: str, path: str, raw: wire.RawAnswer) -> NoReturn:
        """Read what hides behind a status: a missing right, trouble of the database, no such route (§2.4, §4)."""
        detail = self._detail(method, path, raw)
        if raw.status in REDIRECTS:
            to = urlsplit(raw.headers.get("location", ""))
            where = f"{to.scheme}://{to.netloc}" if to.netloc else "another page"
            raise ServerTrouble(
                f"The shop leads us on to {where}: connect it by the address that answers.", detail=detail
            )
        try:
            said = _sentence(decode(raw.body))
        except NotJson:
            if raw.status in (401, 403, 404):  # not Magento's: a log-in before the site, a fire wall, another address
                summary = f"Something before Magento's API answered {raw.status}: it has to let our calls through."
                raise NotItsApi(summary, detail=detail) from None
            super()._fail(method, path, raw)
        match raw.status:
            case 400 if LOCKED.search(said):
                raise ServerTrouble("Magento's database is busy.", detail=detail)
            case 400 if UNSAVED.search(said):
                raise SaveFailed("Magento could not save this, and does not say why.", detail=detail)
            case 400 if "token length is invalid" in said:
                raise CredentialsRejected("Magento does not accept our access token: reconnect it.", detail=detail)
            case 401 if UNUSED_ONCE.search(said):
                raise ServerTrouble("Magento could not check that a call came once only.", detail=detail)
            case 401:
                self._judge_refusal(raw, said, detail)
            case 404 if NO_ROUTE in said:
                raise NotOffered(f"This Magento has no {method} {path}.")
        super()._fail(method, path, raw)

    def _judge_refusal(self, raw: wire.RawAnswer, said: str, detail: str) -> NoReturn:
        """Tell a missing right from a dead token: both are 401, and also a token that is unknown names rights.

        Judged by several questions for other rights. Raises what they raise when they are not answered.
        """
        if UNSIGNED.search(said):
            summary = (
                "Magento does not accept our signature: the secrets are not this integration's, or the shop sees "
                "itself under another address than the one we sign."
            )
            raise SignatureRefused(summary, detail=detail)
        missing = self._problem_of(raw).fields.get("resources", "")
        if missing and self._lives():
            words = ", ".join(WORDS.get(one.strip(), one.strip()) for one in missing.split(","))
            raise PermissionMissing(f"In Magento the permission {words} is missing.", detail=detail)
        raise CredentialsRejected(DEAD, detail=detail)

    def _lives(self) -> bool:
        """Whether our access is good for anything that guests may not do."""
        for route, params in TELLS_LIFE:
            path = self._v1(route)
            self._observer.before(self.system, "GET")
            raw = self._heard("GET", path, params, None)
            if raw.status != 401:
                try:
                    self._judged("GET", path, raw)
                except (NotOffered, Rejected):
                    continue
                return True
        return False


def _sentence(error: Any) -> str:
    """An error's message with its values filled in: by name, or by their place (§4)."""
    if not isinstance(error, Mapping):
        return ""
    values = error.get("parameters")
    found: dict[str, str] = {}
    if isinstance(values, Mapping):
        found = {str(name): str(value) for name, value in values.items()}
    elif isinstance(values, list):
        found = {str(place): str(value) for place, value in enumerate(values, start=1)}
    return PLACEHOLDER.sub(lambda sign: found.get(sign[1], sign[0]), str(error.get("message") or ""))


def _rows(data: Any, what: str) -> list[JSON]:
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise ContractBroken(f"Magento answered without the list of {what} we asked for.")
    return data
