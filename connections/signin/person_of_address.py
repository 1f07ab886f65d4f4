"""Who an address belongs to: the one that stands at the person. The library's own table of addresses is not asked."""

from connections.models import User


def person_of(email: str) -> User | None:
    """The person who logs in with this address, however it is written."""
    return User.objects.filter(email__iexact=email.strip()).order_by("pk").first()
