"""Mails to shoppers in the merchant's words. One that cannot leave is logged without its address and undoes nothing."""

import logging
from smtplib import SMTPException

from django.core.mail import send_mail

from mappings.core.rules.shopper_mail import Mail

logger = logging.getLogger(__name__)


def mail_shopper(address: str, mail: Mail) -> bool:
    """Send it; answers whether the mail server took it."""
    try:
        send_mail(mail.subject, mail.text, None, [address])
    except (OSError, SMTPException) as failure:
        logger.warning("a mail to a shopper could not be sent", extra={"failure": type(failure).__name__})
        return False
    return True
