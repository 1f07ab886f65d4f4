"""The door of the platform admin: staff, with a second factor that this session has proven."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from connections.signin.factors import is_proven, to_factor
from connections.strict import Drawn, drawn, refusal
from connections.views.base import own_path

LIST = drawn("action", "index", "select_across", "_selected_action[]", "post")
BUTTONS = ("_save", "_addanother", "_continue", "_popup", "_to_field", "post")


class PlatformAdminSite(AdminSite):
    """Lets nobody in by password alone."""

    site_header = site_title = "Tillbridge admin"
    index_template = "platform_admin/overview.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The first page: how many of what need somebody, each with its list; below it all models, as ever."""
        from connections.admin_pages import OVERVIEW  # once the models are there

        figures = [one for figures in OVERVIEW for one in figures()]
        return super().index(request, {"figures": figures, **(extra_context or {})})

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_proven(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Whoever is let in sends nothing but what the page's form holds."""

        @wraps(view)
        def strictly(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refused = request.method == "POST" and refusal(request, drawn_by(view, request, kwargs.get("object_id")))
            answer: HttpResponseBase = refused or view(request, *args, **kwargs)
            return answer

        return super().admin_view(strictly, cacheable)

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


def drawn_by(view: Any, request: HttpRequest, object_id: str | None) -> Drawn:
    """What the forms of an admin page hold: of a list its actions, of a row its fields and those of the rows below."""
    page = getattr(view, "__self__", None)
    if not isinstance(page, ModelAdmin):
        return drawn()
    if view.__name__ == "changelist_view":
        return LIST
    row = page.get_object(request, unquote(object_id)) if object_id else None
    below = [f"{formset.get_default_prefix()}-*" for formset, _ in page.get_formsets_with_inlines(request, row)]
    return drawn(page.get_form(request, row, change=row is not None), *BUTTONS, *below)
