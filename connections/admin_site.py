"""The door of the platform admin: staff, with a second factor that this session has proven."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from connections.signin.factors import is_proven, to_factor
from connections.views.base import own_path


class PlatformAdminSite(AdminSite):
    """Lets nobody in by password alone."""

    site_header = site_title = "Tillbridge admin"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_proven(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Lead to what is missing: the log-in, or the second factor."""
        page = own_path(request, request.GET.get("next", ""), reverse("admin:index"))
        answer: HttpResponseBase
        if not request.user.is_authenticated:
            answer = redirect_to_login(page)
        elif not (request.user.is_active and request.user.is_staff):
            raise PermissionDenied
        else:
            answer = to_factor(request, page)
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There is one page for that, which tells the person and the trail."""
        return redirect("account_change_password")
