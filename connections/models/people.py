"""Merchants (the tenants), their people, and the audit trail of what people did."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from connections.trail_words import words_of

GONE = "Somebody who was removed"


class Role(models.TextChoices):
    """What each may do, and its meaning in a line, says `connections/permissions.py`."""

    OWNER = "owner", "Owner"
    BUILDER = "builder", "Builder"
    STAFF = "staff", "Staff"
    OPS = "ops", "Operations"
    VIEWER = "viewer", "Viewer"


class User(AbstractUser):
    """A person, known by e-mail."""

    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["username"]


def theirs(merchant: str, user: Any) -> models.Q:
    """What hangs on the person's merchants by the field `merchant`; for staff also on those that let support look."""
    found = models.Q(**{f"{merchant}__in": Membership.objects.filter(user=user).values("merchant")})
    if user.is_staff:
        found |= models.Q(
            **{f"{merchant}__in": SupportGrant.objects.live(timezone.now()).filter(staff=user).values("merchant")}
        )
    return found


class TenantQuerySet(models.QuerySet["Merchant"]):
    def for_user(self, user: Any) -> Self:
        return self.filter(theirs("pk", user))


class Merchant(models.Model):
    """The tenant: every object that a person can reach hangs on one."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="America/New_York")  # by which its days begin and end
    is_time_zone_chosen = models.BooleanField(default=False, db_default=False)  # by a person, or taken from a store
    retention_days = models.PositiveSmallIntegerField(null=True, blank=True)  # of texts; None: PAYLOAD_RETENTION_DAYS
    needs_second_factor = models.BooleanField(default=False, db_default=False)  # of everybody who looks at it
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def texts_kept(self) -> timedelta:
        """How long what people wrote, payloads and reasons are kept."""
        return timedelta(days=self.retention_days or settings.PAYLOAD_RETENTION_DAYS)


class Membership(models.Model):
    """What a person may do for a merchant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "merchant"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user.email} at {self.merchant.name} ({self.role})"


class AddressChange(models.Model):
    """A person's wish for another address; it changes when both addresses said yes. The newest wish counts."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="address_change")
    new_email = models.EmailField()
    nonce = models.CharField(max_length=40, unique=True)  # what the links in both mails name
    asked_at = models.DateTimeField()
    old_said_yes_at = models.DateTimeField(null=True, blank=True)
    new_said_yes_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"person {self.person_id}, asked {self.asked_at:%Y-%m-%d}"


class SignInLimit(models.Model):
    """Tries of one kind (`signin/limits.py`) that still count."""

    key = models.CharField(max_length=64, unique=True)  # keyed digest of what they are counted by
    tries = models.JSONField(default=list)  # when, in seconds since the epoch
    until = models.DateTimeField(db_index=True)  # the last one lapses

    def __str__(self) -> str:
        return f"{self.key[:8]}, {len(self.tries)} tries"


class AuditEntry(models.Model):
    """One change that a person (or the product, actor empty) made. Only added, by `connections.audit`; no secrets.

    PostgreSQL refuses to change or delete one, and each carries a digest over itself and the one before in its chain:
    the merchant's, or without a merchant the platform's, which holds what concerns people's own accounts. Who acted is
    kept as a number that outlives the person: an entry is never edited because somebody left.
    """

    merchant = models.ForeignKey(
        Merchant, null=True, blank=True, on_delete=models.PROTECT, related_name="audit_entries"
    )
    actor = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    person = models.ForeignKey(  # whose account or role it is about
        User, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    action = models.CharField(max_length=60)  # noun.verb, such as "store.connected"
    subject = models.CharField(max_length=160)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    number = models.PositiveIntegerField(null=True, blank=True)  # in its chain, from 1; null: by the version before
    # digest of the chain's entry before
    previous = models.CharField(max_length=64, blank=True, default="", db_default="")
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="audit_chain_has_no_forks"),
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(merchant=None), name="audit_platform_has_no_forks"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-at"], name="audit_recent"),
            models.Index(fields=["merchant", "subject"], name="audit_subject"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    @property
    def words(self) -> str:
        """`store.connected` as `Store connected`."""
        return words_of(self.action)

    @property
    def told(self) -> list[str]:
        """The detail, a line for each name: what was and what is, or what it says."""
        return [f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in self.detail.items()]

    @property
    def who(self) -> str:
        """Who acted: an e-mail address, or the product itself."""
        if self.actor_id is None:
            return "Tillbridge"
        try:
            return self.actor.email if self.actor else GONE
        except User.DoesNotExist:
            return GONE


def _plain(value: Any) -> str:
    if isinstance(value, dict) and value.keys() == {"was", "is"}:
        return f"{_plain(value['was'])} → {_plain(value['is'])}"
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    return "none" if value is None else str(value)


class AuditHead(models.Model):
    """Where a chain of the trail ends, kept apart from it: cutting entries off the end shows."""

    chain = models.CharField(max_length=36, unique=True)  # the merchant's public id, or PLATFORM
    count = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.chain}: {self.count} entries"


class SupportGrantQuerySet(models.QuerySet["SupportGrant"]):
    def live(self, now: datetime) -> Self:
        return self.filter(given_at__isnull=False, ended_at=None, until__gt=now)

    def open(self, now: datetime) -> Self:
        """Asked for and not answered, or live."""
        return self.filter(ended_at=None).exclude(until__lte=now)


class SupportGrant(models.Model):
    """Leave for a member of platform staff to look at a merchant's pages for some hours; it changes nothing there."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="support_grants")
    staff = models.ForeignKey(User, on_delete=models.CASCADE, related_name="support_grants")
    reason = models.CharField(max_length=300)
    asked_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)  # it ends by itself
    ended_at = models.DateTimeField(null=True, blank=True)  # by a person: refused, or ended before its time

    objects = SupportGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "staff"], condition=models.Q(ended_at=None), name="support_grant_once"
            ),
            models.CheckConstraint(
                condition=models.Q(given_at=None, until=None) | models.Q(given_at__isnull=False, until__isnull=False),
                name="support_grant_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} at {self.merchant}"
