"""How many alerts a person has not seen: the number at the bell."""

from typing import Any

from django.db.models import DateTimeField, F, OuterRef, Q, Subquery

from errors.models import Alert, AlertSubscription


def alerts_unread(user: Any) -> int:
    """Told since the person last marked them as read; before that, those that are open. One query."""
    theirs = AlertSubscription.objects.filter(person=user, merchant=OuterRef("merchant")).values("seen_at")
    rows = Alert.objects.filter(merchant__memberships__user=user, told_at__isnull=False)
    marked = rows.annotate(seen_at=Subquery(theirs, output_field=DateTimeField()))
    return marked.filter(Q(told_at__gt=F("seen_at")) | Q(seen_at=None, closed_at=None)).count()
