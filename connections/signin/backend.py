"""Password and address make a person; an address of the library's table never does."""

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from connections.models import User
from connections.signin.person_of_address import person_of


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    """Looks the person up by `User.email` alone. For an unknown one it hashes as long as for a known one."""

    def _authenticate(
        self, request: HttpRequest | None, *, email: str = "", password: str = "", **credentials: str
    ) -> User | None:
        person: User | None = self._check_password(person_of(email), password)
        return person
