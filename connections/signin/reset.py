"""The mail by which a person who forgot the password sets a new one."""

from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse

from connections.models import User
from connections.notices import absolute, mail


def reset_mail(person: User | None, typed: str) -> None:
    """Send the link to the person's address; that an address has no account is said in a mail to it, nowhere else."""
    if person is None:
        mail(typed, "No Tillbridge account has this address", "mail/no_account.txt")
        return
    token = default_token_generator.make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": token})
    mail(person.email, "Set a new password for Tillbridge", "mail/password_reset.txt", url=absolute(path))
