"""The HTTP client under every connector: one place that calls, one table from status to failure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count, islice
from time import perf_counter
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

from connections.connectors import wire
from connections.connectors.jsontext import NotJson, decode, encode
from errors.failures import (
    ContractBroken,
    CredentialsRejected,
    NotFound,
    NotItsApi,
    PermissionMissing,
    Rejected,
    ServerTrouble,
    SyncFailure,
    Throttled,
    TransientFailure,
    Unreachable,
)
from ipaas.masking import EMAIL, LONGEST, NAME, PHONE, STREET, Redactor
from ipaas.types import JSON, Call, CallObserver, System

PERSONAL = ("first_name", "last_name", "company", "recipient_name")  # keys of names in what either system takes
WORDS_OF_PEOPLE = {  # key of what we send, in lower case and without its number → what stands in its value's place
    **dict.fromkeys(("first_name", "last_name", "company", "recipient_name", "firstname", "lastname"), NAME),
    **dict.fromkeys(("email", "email_address"), EMAIL),
    **dict.fromkeys(("phone", "phone_number", "telephone"), PHONE),
    **dict.fromkeys(("line", "street", "address", "city", "zip", "postal_code", "postcode"), STREET),
}
DEEPEST = 12  # levels of what we send that are looked at
OF_PEOPLE = re.compile("orders|customers|sales")  # paths of records that are about people
LEFT_OUT = "[text left out: it may name people]"
KEY = re.compile(r"[\w.\[\]-]{1,60}")
CODE = re.compile(r"[a-z]+(?:_[a-z]+)+|\d{1,6}(?:\.\d{1,4})?", re.ASCII)
OBSERVED_HEADERS = ("date", "retry-after", "x-retry-after", "x-request-id", "x-bc-apilimit-remaining")
OBSERVED_PREFIX = "x-rate-limit-"
RETRYABLE_CLIENT_ERRORS = (408, 423, 425, 499)
FINAL_SERVER_ERRORS = (501, 505, 507)  # not implemented, or a limit of the plan: trying again changes nothing
MAX_DETAIL = 2048
MAX_MESSAGE = 300
MAX_FIELD, MAX_FIELDS = 120, 50
MIN_SECRET = 8  # shorter header values are no secrets, and masking them would garble texts


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A successful answer. `data` is None when the body was empty."""

    status: int
    headers: Mapping[str, str]  # lower-case names
    data: Any

    @property
    def answered_at(self) -> datetime | None:
        """The other side's clock, from its Date header."""
        return http_date(self.headers.get("date", ""))


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What an error body says: a sentence, and the fields it complains about."""

    message: str = ""
    fields: Mapping[str, str]


def http_date(text: str) -> datetime | None:
    """An HTTP or RFC 2822 date as aware UTC; None when it is not one."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def names_in(body: Any) -> Iterator[str]:
    """Names of people in what we send: the other side may repeat them."""
    rows = body if isinstance(body, list) else [body]
    for row in rows[:MAX_FIELDS]:
        if isinstance(row, dict):
            yield from (value for key, value in row.items() if key in PERSONAL and isinstance(value, str))


def without_people(body: Any, depth: int = 0) -> Any:
    """What we send, with a word in the place of each name, address, phone number and e-mail address, by its key."""
    if depth > DEEPEST:
        return "…"
    if isinstance(body, list):
        return [without_people(one, depth + 1) for one in body]
    if not isinstance(body, dict):
        return body
    return {key: _without(key, value, depth) for key, value in body.items()}


def _without(key: str, value: Any, depth: int) -> Any:
    word = WORDS_OF_PEOPLE.get(key.lower().rstrip("_0123456789"))
    is_text = isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
    return word if word and is_text and value else without_people(value, depth + 1)


def told_without_texts(body: str) -> str:
    """What is answered of people whose names we do not know yet: its keys, numbers and codes; names have no looks."""
    try:
        return encode(without_texts(decode(body.encode())))
    except NotJson:
        return LEFT_OUT if body.strip() else ""


def without_texts(answer: Any, depth: int = 0) -> Any:
    """An answer with a word in the place of each text that is no code, such as "invalid_field"."""
    if depth > DEEPEST:
        return "…"
    if isinstance(answer, list):
        return [without_texts(one, depth + 1) for one in answer]
    if isinstance(answer, dict):
        return {
            key if KEY.fullmatch(key) else LEFT_OUT: without_texts(value, depth + 1) for key, value in answer.items()
        }
    return LEFT_OUT if isinstance(answer, str) and not CODE.fullmatch(answer) else answer


def segment(value: object) -> str:
    """A value as one segment of a path, whatever signs it holds."""
    return quote(str(value), safe="")


class JSONClient:
    """Calls one tenant of one outside system. Secrets stay in `headers` and never reach a text of ours."""

    name: str  # the system's, in sentences: each connector says it
    call_seconds = wire.TOTAL_SECONDS  # no call takes longer; less where a page waits for it

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        system: System,
        observer: CallObserver,
        *,
        public_only: bool = False,
        secrets: Sequence[str] = (),
    ) -> None:
        self.system = system
        self._base_url = base_url.rstrip("/")
        self._headers = dict(headers)
        self.redactor = Redactor(
            part
            for value in (*self._headers.values(), *secrets)
            for part in (value, *value.split())
            if len(part) >= MIN_SECRET
        )
        self._observer = observer
        self._public_only = public_only  # True when the address was typed by a person and may not be private

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {urlsplit(self._base_url).netloc}>"

    def _send(self, method: str, path: str, *, params: wire.Params = (), body: Any = None) -> Answer:
        """Make a call; once more when it failed without effect and the observer has waited for that.

        Raises what the observer raises before the call, and the failures of the status table after it.
        """
        for tries in count(1):
            self._observer.before(self.system, method)
            try:
                return self._send_once(method, path, params, body)
            except TransientFailure as failure:
                had_no_effect = method == "GET" or isinstance(failure, Throttled)
                if not had_no_effect or not self._observer.may_repeat(
                    self.system, tries=tries, wait=failure.retry_after
                ):
                    raise
        raise AssertionError("unreachable: counting does not end")

    def _send_once(self, method: str, path: str, params: wire.Params, body: Any) -> Answer:
        try:
            return self._judged(method, path, self._heard(method, path, params, body))
        except SyncFailure as failure:
            failure.request = self._told(method, path, body)
            raise

    def _told(self, method: str, path: str, body: Any) -> str:
        """A call as it may be kept: without our secrets, and without the people in what was sent."""
        text = "" if body is None else f"\n{encode(without_people(body))}"
        return self._masked(f"{method} {path}{text}")[:MAX_DETAIL].replace("\x00", "�")

    def _heard(self, method: str, path: str, params: wire.Params, body: Any) -> wire.RawAnswer:
        """What is answered, unjudged: the only line of the product that touches the network. Raises Unreachable."""
        self.redactor.conceal(NAME, names_in(body))
        began_at, started = datetime.now(UTC), perf_counter()
        raw: wire.RawAnswer | None = None
        try:
            raw = self._exchange(method, path, params, body)
        except wire.NoAnswer as exc:
            summary = f"{self.name} gave no complete answer; the call may or may not have worked."
            raise Unreachable(summary, detail=f"{method} {path}: {self._masked(str(exc))}") from exc
        finally:
            self._observer.after(self._call(method, path, raw, began_at, started))
        return raw

    def _exchange(self, method: str, path: str, params: wire.Params, body: Any) -> wire.RawAnswer:
        headers = {"Accept": "application/json", **self._headers}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = encode(body).encode()
        return wire.exchange(
            method,
            f"{self._base_url}{path}",
            headers=headers,
            params=params,
            body=content,
            public_only=self._public_only,
            total_seconds=self.call_seconds,
        )

    def _call(self, method: str, path: str, raw: wire.RawAnswer | None, began_at: datetime, started: float) -> Call:
        headers = raw.headers if raw else {}
        return Call(
            system=self.system,
            method=method,
            path=path,
            status=raw.status if raw else None,
            duration_ms=(perf_counter() - started) * 1000,
            request_id=headers.get("x-request-id", ""),
            began_at=began_at,
            headers={
                name: value
                for name, value in headers.items()
                if name in OBSERVED_HEADERS or name.startswith(OBSERVED_PREFIX)
            },
        )

    def _judged(self, method: str, path: str, raw: wire.RawAnswer) -> Answer:
        """The answer, when it is one; else the failure that its status stands for."""
        if raw.status >= 300:
            self._fail(method, path, raw)
        try:
            data = decode(raw.body) if raw.body.strip() else None
        except NotJson as exc:
            raise NotItsApi(
                f"{self.name} answered with something that is not its API.", detail=self._detail(method, path, raw)
            ) from exc
        return Answer(status=raw.status, headers=raw.headers, data=data)

    def _fail(self, method: str, path: str, raw: wire.RawAnswer) -> NoReturn:
        detail = self._detail(method, path, raw)
        problem = self._problem_of(raw)
        said = f": {problem.message}" if problem.message and self._may_repeat(path) else "."
        match raw.status:
            case 401:
                raise CredentialsRejected(f"{self.name} no longer accepts our access: reconnect it.", detail=detail)
            case 403:
                raise PermissionMissing(f"{self.name} does not allow {method} {path}{said}", detail=detail)
            case 404:
                raise NotFound(f"{self.name} does not have what this is about, or has it no longer.", detail=detail)
            case 429 | 509:
                wait = self._wait_seconds(raw.headers)
                raise Throttled(f"{self.name} asks us to slow down.", detail=detail, retry_after=wait)
            case status if status in RETRYABLE_CLIENT_ERRORS or status < 400:
                raise ServerTrouble(f"{self.name} answered {status} to {method} {path}.", detail=detail)
            case status if status >= 500 and status not in FINAL_SERVER_ERRORS:
                wait = self._wait_seconds(raw.headers)
                raise ServerTrouble(f"{self.name} has trouble ({status}).", detail=detail, retry_after=wait)
            case status:
                summary = f"{self.name} refused the request ({status}){said}"
                raise Rejected(summary, status=status, fields=dict(problem.fields), detail=detail)

    def _may_repeat(self, path: str) -> bool:
        """Whether a sentence may hold what the other side says: of people only once we know whose names to mask."""
        return self.redactor.knows_people or not OF_PEOPLE.search(path)

    def _problem_of(self, raw: wire.RawAnswer) -> Problem:
        try:
            data = decode(raw.body)
        except NotJson:
            return Problem(fields={})
        problem = self._problem(data)
        fields = {
            self._masked(str(key))[:MAX_FIELD]: self._masked(text)[:MAX_MESSAGE]
            for key, text in islice(problem.fields.items(), MAX_FIELDS)
        }
        return Problem(message=self._masked(problem.message)[:MAX_MESSAGE], fields=fields)

    def _problem(self, data: Any) -> Problem:
        """Read the system's error body. Connectors override this."""
        message = data.get("message", "") if isinstance(data, dict) else ""
        return Problem(message=str(message or ""), fields={})

    def _wait_seconds(self, headers: Mapping[str, str]) -> float | None:
        """How long the other side asks us to wait; None when it does not say. Connectors may override this."""
        text = headers.get("retry-after", "").strip()
        if not text:
            return None
        if text.isdigit():
            return float(text)
        until = http_date(text)
        return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until else None

    def _detail(self, method: str, path: str, raw: wire.RawAnswer) -> str:
        request_id = raw.headers.get("x-request-id", "")
        body = raw.body[: 4 * LONGEST].decode(errors="replace")
        text = self._masked(body if self._may_repeat(path) else told_without_texts(body))[:MAX_DETAIL]
        return f"{method} {path} → {raw.status} {request_id[:MAX_FIELD]}\n{text}".replace("\x00", "�")

    def _masked(self, text: str) -> str:
        """The text without what it may repeat of our secrets, of people and of cards."""
        return self.redactor.masked(text)

    def _object(self, answer: Answer, what: str) -> JSON:
        """The answer's JSON object. Raises ServerTrouble when it is empty, ContractBroken when it is no object."""
        if answer.data is None:
            raise ServerTrouble(f"{self.name} answered with nothing instead of the {what}.")
        if not isinstance(answer.data, dict):
            raise ContractBroken(f"{self.name} answered without the {what} we asked for.")
        return answer.data
