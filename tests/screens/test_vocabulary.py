"""One word a thing: no page of a merchant shows a word of the engine, and every state has one name."""

import re
from html.parser import HTMLParser

import pytest

from connections.models import Role
from connections.templatetags.tillbridge import CHIPS
from connections.vocabulary import ENGINE_WORDS, STATES
from errors.issues.error_filters import RECORD_TABS as TABS
from errors.models import SyncError
from syncjobs.models import Record
from tests.browser.test_pages import busy, pages
from tests.screens.conftest import Shop

__all__ = ["busy"]
WORD = re.compile(rf"\b({'|'.join(ENGINE_WORDS)})(?:s|es|ed|d|ing)?\b", re.IGNORECASE)
FOR_PROGRAMMERS = {"/components/", "/developers/"}  # they name templates' tags, and addresses of the API
SPOKEN = {"aria-label", "title", "placeholder", "alt", "content"}


class Visible(HTMLParser):
    """What a person sees or hears of a page: texts, button names, labels and titles; no addresses, names or scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style"}
        self.words += [value or "" for name, value in attrs if name in SPOKEN and tag != "meta"]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)


def visible(text: str) -> str:
    reader = Visible()
    reader.feed(text)
    return " ".join(" ".join(reader.words).split())


@pytest.mark.parametrize("role", [Role.OWNER, Role.OPS])
def test_no_page_of_a_merchant_shows_a_word_of_the_engine(role: Role, busy: Shop) -> None:
    client, found = busy.client(role), []
    for path in [one for one in pages(busy) if one not in FOR_PROGRAMMERS]:
        answer = client.get(path, follow=True)
        shown = visible(answer.content.decode()) if answer["Content-Type"].startswith("text/html") else ""
        found += [f"{path}: …{shown[max(one.start() - 30, 0) : one.end() + 30]}…" for one in WORD.finditer(shown)]
    assert found == []


@pytest.mark.parametrize(
    "page", ["<p>Dead letters</p>", '<a title="Mend it">x</a>', '<img alt="a lane">', "<b>replayed</b>"]
)
def test_the_look_sees_what_a_person_sees(page: str) -> None:
    assert len(WORD.findall(visible(page))) == 1
    assert (
        WORD.findall(
            visible('<p class="lane" id="mend"><a href="/preflight/">Check-up</a> commend plane hinterland</p>')
        )
        == []
    )


def test_every_state_has_its_one_name_wherever_it_stands() -> None:
    for states in (Record.Disposition, SyncError.State):
        assert {one.value: str(one.label) for one in states} == {one.value: STATES[one.value] for one in states}
        assert {one.value: CHIPS[one.value][2] for one in states} == {one.value: STATES[one.value] for one in states}
    assert {key: words for key, words in TABS.items() if key != "open"} == {
        key: STATES[key] for key in TABS if key != "open"
    }
