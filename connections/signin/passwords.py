"""What a password may not be, beside Django's own rules: our words and the merchant's, and what breaches told."""

import logging
import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Q

from connections.audit import audit_person
from connections.connectors.breaches import BreachesUnknown, breaches_of
from connections.models import Merchant, Store, User

logger = logging.getLogger(__name__)

# What anybody would try first here (ASVS 6.1.2), beside the words of the person and of their merchants.
OUR_WORDS = (
    "tillbridge", "bridge", "till", "heartland", "bigcommerce", "commerce", "magento", "adobe", "retail", "springboard",
    "globalpayments", "store", "shop", "ecommerce", "admin", "owner", "support", "password", "passwort", "login",
    "welcome", "change", "secret", "sync", "ipaas",
)  # fmt: skip
SHORTEST_WORD = 4  # of a name or an address; shorter parts stand in too many honest passwords
LEAST_BESIDE = 8  # signs that are left without such words: the shortest password that the standard allows
LOOKALIKES = str.maketrans("@4301!|i$57", "aaeollllsst")
PARTS = re.compile(r"[^\W_]+")


class OwnWordsValidator:
    """Refuses passwords that are little more than words of ours, of the person or of their merchants."""

    def __init__(self, joins: Merchant | None = None) -> None:
        """`joins`: the merchant that a person is about to belong to."""
        self.joins = joins

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if is_little_more(password, [*OUR_WORDS, *_words_of(user, self.joins)]):
            raise ValidationError(
                "This password is little more than names that anybody would try here. "
                "Take words that have nothing to do with you, the shop or this product.",
                code="password_own_words",
            )

    def get_help_text(self) -> str:
        return "Your password can’t be made of the names of this product, of your merchants or of yourself."


def is_little_more(password: str, words: Iterable[str]) -> bool:
    """Whether too little is left of a password without the words, however they are written."""
    whole = rest = _alike(password)
    for word in sorted({_alike(word) for word in words}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != whole and sum(1 for _ in groupby(rest)) < LEAST_BESIDE


def _alike(text: str) -> str:
    """In one case, and with the signs that people put for letters taken for them."""
    return text.casefold().translate(LOOKALIKES)


def _words_of(user: AbstractBaseUser | None, joins: Merchant | None) -> Iterator[str]:
    if isinstance(user, User):
        for text in _names_of(user, joins):
            yield from (part for part in PARTS.findall(text) if len(part) >= SHORTEST_WORD)


def _names_of(person: User, joins: Merchant | None) -> Iterator[str]:
    yield from (person.email, person.first_name, person.last_name)
    theirs = Q(memberships__user=person) if person.pk else Q(pk=None)
    merchants = Merchant.objects.filter(theirs | Q(pk=joins.pk) if joins else theirs)
    yield from merchants.values_list("name", flat=True)
    stores = Store.objects.filter(merchant__in=merchants)
    yield from chain.from_iterable(stores.values_list("name", "domain", "store_hash"))


class BreachedPasswordValidator:
    """Refuses passwords that stand in known breaches. Where nobody can say so, they pass: noted, and counted there."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if not settings.BREACHED_PASSWORDS_URL:
            return
        try:
            times = breaches_of(settings.BREACHED_PASSWORDS_URL, password)
        except BreachesUnknown as unknown:
            logger.warning("password not looked up in breaches", extra={"reason": str(unknown)})
            person = user if isinstance(user, User) and user.pk else None
            audit_person(
                actor=None, action="person.password_unchecked", subject=person or "nobody yet", reason=str(unknown)
            )
            return
        if times:
            raise ValidationError(
                "This password is known from a breach of another site, so thieves try it first. Take another one.",
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return "Your password can’t be one that is known from breaches of other sites."
