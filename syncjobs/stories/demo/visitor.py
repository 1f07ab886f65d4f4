"""A scripted person with a browser's essentials: cookies, redirects and HTML forms. Only what our pages need."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT_SECONDS = 60


@dataclass
class Form:
    """A form as a browser would send it: fields with their present values, and its buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # words, name, value

    def data(self, changes: dict[str, str | list[str]], button: str) -> list[tuple[str, str]]:
        """The pairs to send; `changes` replaces fields, a list sends one pair per value."""
        pairs = [(name, value) for name, value in self.fields if name not in changes]
        for name, value in changes.items():
            pairs += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        return pairs + [(name, value) for words, name, value in self.buttons if name and words == button]


class LostVisitor(RuntimeError):
    """The page is not what the script expects; the message says where and what was there."""


class Visitor:
    """Opens pages and submits forms, following redirects to other hosts as a browser does."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()
        self.url = base
        self.page = ""

    def open(self, address: str) -> str:
        """Open an address, relative to the present page. Raises LostVisitor on an error page."""
        return self._arrived(self.session.get(urljoin(self.url, address), timeout=TIMEOUT_SECONDS))

    def submit(self, button: str, /, **changes: str | list[str]) -> str:
        """Press the button with exactly these words, with some fields of its form changed."""
        form = self._form_with(button)
        target, pairs = urljoin(self.url, form.action), form.data(changes, button)
        headers = {"Referer": self.url}
        if form.method == "post":
            answer = self.session.post(target, data=pairs, headers=headers, timeout=TIMEOUT_SECONDS)
        else:
            answer = self.session.get(target, params=pairs, headers=headers, timeout=TIMEOUT_SECONDS)
        return self._arrived(answer)

    def follow(self, words: str) -> str:
        """Open the link with these words, without what only a screen reader says."""
        for address, shown in links_of(self.page):
            if shown == words:
                return self.open(address)
        raise LostVisitor(f"{self.url} has no link {words!r}")

    def has_button(self, button: str) -> bool:
        return any(words == button for form in forms_of(self.page) for words, _, _ in form.buttons)

    def _form_with(self, button: str) -> Form:
        forms = forms_of(self.page)
        for form in forms:
            if any(words == button for words, _, _ in form.buttons):
                return form
        known = ", ".join(words for form in forms for words, _, _ in form.buttons)
        raise LostVisitor(f"{self.url} has no button {button!r}; it has: {known or 'none'}")

    def _arrived(self, answer: requests.Response) -> str:
        self.url, self.page = answer.url, answer.text
        if not answer.ok:
            raise LostVisitor(f"{answer.request.method} {answer.url} answered {answer.status_code}")
        return self.page


def forms_of(page: str) -> list[Form]:
    """All forms of a page, in order."""
    parser = _FormParser()
    parser.feed(page)
    return parser.forms


def links_of(page: str) -> list[tuple[str, str]]:
    """Address and words of every link of a page, without what only a screen reader says."""
    parser = _LinkParser()
    parser.feed(page)
    return parser.links


class _LinkParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self._address: str | None = None
        self._words: list[str] = []
        self._is_unseen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self._address, self._words = values.get("href") or "", []
        self._is_unseen = tag == "span" and values.get("class") == "unseen"

    def handle_data(self, data: str) -> None:
        if not self._is_unseen:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._is_unseen = False
        if tag == "a" and self._address is not None:
            self.links.append((self._address, " ".join(" ".join(self._words).split())))
            self._address = None


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._button: tuple[str, str] | None = None
        self._select = ""
        self._options: list[tuple[str, bool]] = []  # value, selected
        self._textarea = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""), values.get("method", "get").lower())
            self.forms.append(self._open)
        if not self._open:
            return
        if tag == "input":
            self._input(self._open, values, {name for name, _ in attrs})
        elif tag == "select":
            self._select, self._options = values.get("name", ""), []
        elif tag == "option" and self._select:
            self._options.append((values.get("value", ""), any(name == "selected" for name, _ in attrs)))
        elif tag == "textarea":
            self._textarea, self._words = values.get("name", ""), []
        elif tag == "button":
            self._button, self._words = (values.get("name", ""), values.get("value", "")), []

    def _input(self, form: Form, values: dict[str, str], present: set[str]) -> None:
        kind, name = values.get("type", "text"), values.get("name", "")
        if kind == "submit":
            form.buttons.append((values.get("value", ""), name, values.get("value", "")))
        elif name and (kind not in {"checkbox", "radio"} or "checked" in present):
            form.fields.append((name, values.get("value", "on" if kind in {"checkbox", "radio"} else "")))

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        words = " ".join("".join(self._words).split())
        if tag == "form":
            self._open = None
        elif tag == "select" and self._open and self._select:
            chosen = [value for value, is_selected in self._options if is_selected] or [v for v, _ in self._options[:1]]
            self._open.fields += [(self._select, value) for value in chosen]
            self._select = ""
        elif tag == "textarea" and self._open and self._textarea:
            self._open.fields.append((self._textarea, "".join(self._words)))
            self._textarea = ""
        elif tag == "button" and self._open and self._button is not None:
            self._open.buttons.append((words, *self._button))
            self._button = None
