"""Mails that tell a person what happened to their account. One that cannot leave is logged and undoes nothing."""

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from connections.signin.request_origin import address_of, browser_of

logger = logging.getLogger(__name__)


def account_notice(request: HttpRequest | None, email: str, what: str) -> bool:
    """Tell the person at an address what was changed, when, and from where."""
    return mail(
        email,
        "Your Tillbridge account was changed",
        "mail/account_notice.txt",
        what=what,
        at=timezone.now(),
        address=address_of(request) if request else "",
        browser=browser_of(request.headers.get("User-Agent", "")) if request else "",
        reset_url=absolute(reverse("account_reset_password")),
    )


def mail(email: str, subject: str, template: str, **words: Any) -> bool:
    """Send a text; answers whether the mail server took it."""
    try:
        send_mail(subject, render_to_string(template, words), None, [email])
    except (OSError, SMTPException):
        logger.exception("a mail could not be sent", extra={"template": template})
        return False
    return True


def absolute(path: str) -> str:
    """A link for a mail: the public address of this server."""
    return f"{settings.PUBLIC_URL}{path}"
