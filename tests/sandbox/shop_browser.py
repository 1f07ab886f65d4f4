"""A browser small enough for tests: follows redirects, keeps cookies, reads forms and fills them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import requests


@dataclass
class Form:
    """A form of a page with the values a browser would send."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        row = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(row.get("action", ""), row.get("method", "get")))
        elif tag == "input" and self.forms and "name" in row:
            chosen = row.get("type") not in {"checkbox", "radio"} or "checked" in row
            if chosen:
                self.forms[-1].fields[row["name"]] = row.get("value", "")
        elif tag == "select":
            self._select = row["name"]
        elif tag == "option" and self._select and self.forms:
            if "selected" in row or self._select not in self.forms[-1].fields:
                self.forms[-1].fields[self._select] = row.get("value", "")
        elif tag == "textarea":
            self._area = row["name"]
            self.forms[-1].fields[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data
        elif data.strip():
            self.words.append(" ".join(data.split()))


class Browser:
    """One person's browser at one sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.last: requests.Response = requests.Response()
        self.forms: list[Form] = []
        self.text = ""

    def _took(self, reply: requests.Response) -> Browser:
        self.last = reply
        parser = _Forms()
        parser.feed(reply.text)
        self.forms, self.text = parser.forms, " ".join(parser.words)
        return self

    @property
    def path(self) -> str:
        """Where the browser is."""
        return self.last.url.removeprefix(self.url)

    def open(self, path: str, **more: Any) -> Browser:
        """Go to a page."""
        return self._took(self.session.get(self.url + path, timeout=10, **more))

    def submit(self, form_action: str, **fields: Any) -> Browser:
        """Send the first form with that action, some fields changed; dashes of names are written `__`."""
        form = next(form for form in self.forms if form.action == form_action)
        data = form.fields | {name.replace("__", "-"): str(value) for name, value in fields.items()}
        data = {name: value for name, value in data.items() if value != "None"}
        call = self.session.get if form.method == "get" else self.session.post
        sent = {"params": data} if form.method == "get" else {"data": data}
        return self._took(call(self.url + form_action, timeout=10, **sent))  # type: ignore[arg-type]
