"""What holds for every page: strict policy, no inline code, styled log-in, errors in words."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from pytest_django import Settings

from connections.models import Role
from tests import factories
from tests.screens.conftest import Shop

TEMPLATES = sorted(Path(django_settings.BASE_DIR, "templates").rglob("*.html"))
MARKED = re.compile(r"\bmark_safe\b|\bSafe(?:String|Text)\(|__html__|\bhtml_safe\b")
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.stem for path in TEMPLATES])
def test_templates_compile_and_hold_no_inline_code(path: Path) -> None:
    get_template(str(path.relative_to(django_settings.BASE_DIR / "templates")))
    text = path.read_text()
    assert INLINE.findall(text) == []
    assert "|safe" not in text
    assert "autoescape off" not in text
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_nothing_is_marked_safe_but_pictures_and_a_word_of_ours() -> None:
    """`format_html` escapes what it is given; what goes around it is here, by file and count."""
    rooms = ("connections", "errors", "ipaas", "mappings", "syncjobs")
    modules = (path for room in rooms for path in Path(django_settings.BASE_DIR, room).rglob("*.py"))
    marked = {path.name: len(MARKED.findall(path.read_text())) for path in modules}
    assert {name: count for name, count in marked.items() if count} == {"tillbridge.py": 2, "help_pages.py": 1}


def test_every_form_that_posts_carries_a_token() -> None:
    for path in TEMPLATES:
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL):
            assert "csrf_token" in form, path


def test_the_policy_allows_our_own_files_only(shop: Shop) -> None:
    policy = shop.client().get("/")["Content-Security-Policy"]
    allowed = {name: values for name, *values in (part.split() for part in policy.split(";"))}
    assert allowed.pop("form-action")[0] == "'self'"
    assert allowed == {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def test_stylesheets_load_nothing_from_elsewhere_and_use_no_ids() -> None:
    for path in Path(django_settings.BASE_DIR, "static/css").glob("*.css"):
        text = path.read_text()
        assert re.findall(r'url\((?!"/static/vendor/)', text) == [], path
        assert "@import" not in text
        selectors = re.sub(r"\{[^{}]*\}", "{}", text)
        assert re.findall(r"#[a-z][\w-]*(?=[^;{}]*\{)", selectors) == [], path


def test_log_in_and_out(shop: Shop) -> None:
    client = Client()
    email = shop.people[Role.OWNER].email
    refused = client.post("/accounts/login/", {"login": email, "password": "wrong"})
    assert refused.status_code == 200
    assert "not correct" in refused.content.decode()
    assert client.post("/accounts/login/", {"login": email, "password": factories.PASSWORD})["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_no_other_page_sends_our_cookies_along_with_a_form(shop: Shop) -> None:
    client = Client()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": shop.people[Role.OWNER].email, "password": factories.PASSWORD})
    assert [client.cookies[name]["samesite"] for name in ("sessionid", "csrftoken", "device")] == ["Lax"] * 3
    assert [client.cookies[name]["httponly"] for name in ("sessionid", "device")] == [True] * 2


def test_an_unknown_person_gets_the_same_answer_as_a_wrong_password(shop: Shop) -> None:
    def words(email: str) -> str:
        page = Client().post("/accounts/login/", {"login": email, "password": "wrong"}).content.decode()
        return re.sub(r'value="[^"]*"', "", page)

    assert words(shop.people[Role.OWNER].email) == words("nobody@example.com")


def test_log_in_does_not_redirect_away(shop: Shop) -> None:
    email = shop.people[Role.OWNER].email
    wish = {"login": email, "password": factories.PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/accounts/login/", wish)["Location"] == "/"


@pytest.mark.parametrize(
    "path",
    [
        "login/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/done/",
        "password/reset/key/1-set-password/",
        "inactive/",
        "address/confirm/x/",
    ],
)
def test_every_account_page_wears_our_clothes(path: str, db: None) -> None:
    page = Client().get(f"/accounts/{path}").content.decode()
    assert "entrance-brand" in page
    assert "Menu:" not in page


@pytest.mark.parametrize(
    "path",
    ["", "password/change/", "logout/", "address/", "reauthenticate/", "factor/", "factor/app/add/", "factor/codes/"],
)
def test_pages_of_a_logged_in_person_do_too(path: str, shop: Shop) -> None:
    page = shop.client().get(f"/accounts/{path}", follow=True).content.decode()
    assert "entrance-brand" in page or "shell-brand" in page
    assert "Menu:" not in page


def test_a_password_is_reset_by_mail(shop: Shop, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    person = shop.people[Role.OWNER]
    client = Client()
    client.post("/accounts/password/reset/", {"email": person.email})
    assert len(mail.outbox) == 1
    link = re.search(r"http://\S+(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link
    page = client.get(link[1], follow=True)
    assert "Choose a new password" in page.content.decode()
    target = page.request["PATH_INFO"]
    wish = {"password1": "another-long-one-8", "password2": "another-long-one-8"}
    assert "Your new password is set" in client.post(target, wish, follow=True).content.decode()
    person.refresh_from_db()
    assert person.check_password("another-long-one-8")
    assert default_token_generator.make_token(person)


def test_missing_pages_and_wrong_methods_are_said_in_words(shop: Shop) -> None:
    missing = shop.client().get("/nowhere/")
    assert missing.status_code == 404
    assert "There is nothing here" in missing.content.decode()
    assert shop.client().get(shop.at("retry/")).status_code == 405
    assert shop.client().post(shop.at("items/")).status_code == 405


def test_times_are_in_the_merchants_zone(shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    page = shop.client().get(shop.at("orders/10457/")).content.decode()
    assert "BigCommerce Mar 2, 2026 13:20:01 EST" in page
