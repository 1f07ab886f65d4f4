"""What pages of the platform admin have in common: looks are entered, history is never written, people take a proof."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from connections.audit import audit, audit_person
from connections.models import Connection, User
from connections.tenancy import merchant_of, tenant_path
from errors.failures import ConfigurationFailure


class SeenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whoever looks at a merchant's rows leaves an entry: in the merchant's own trail where a row is theirs."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer: HttpResponse = super().changelist_view(request, extra_context)
        if answer.status_code == 200 and tenant_path(self.model) is not None:
            audit_person(actor=acting(request), action="staff.listed", subject=self.opts.verbose_name_plural)
        return answer

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        self._seen(request, object_id, answer)
        return answer

    def history_view(self, request: HttpRequest, object_id: Any, extra_context: Any = None) -> HttpResponse:
        answer: HttpResponse = super().history_view(request, object_id, extra_context)
        self._seen(request, object_id, answer)
        return answer

    def _seen(self, request: HttpRequest, object_id: Any, answer: HttpResponse) -> None:
        row = self.get_object(request, object_id) if object_id and answer.status_code == 200 else None
        if row is not None and tenant_path(self.model) is not None:
            actor, subject = acting(request), f"{self.opts.verbose_name} {row.pk}"
            if merchant := merchant_of(row):
                audit(merchant=merchant, actor=actor, action="staff.looked", subject=subject)
            else:
                audit_person(actor=actor, action="staff.looked", subject=subject)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of the admin's first page, and the list that it counts."""

    words: str
    count: int
    address: str
    is_bad: bool  # somebody had better look


OVERVIEW: list[Callable[[], Iterable[Figure]]] = []  # each room adds its own


def listed(words: str, rows: QuerySet[Any], asked: str = "", *, is_bad: bool = True) -> Figure:
    """How many rows there are, with the list of them; `asked` is the list's own filter."""
    meta, count = rows.model._meta, rows.count()
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return Figure(words=words, count=count, address=address + asked, is_bad=is_bad and count > 0)


class ReadOnlyAdmin(SeenAdmin):
    """History: it is looked at, never written by hand."""

    changed_on: tuple[str, str] | None = None  # where people of the merchant change it: the page's title, its address

    def view_on_site(self, row: Any) -> str | None:
        """The product's page of a row, for whom an owner let in (`Support access`); None where it has none."""
        store = row if isinstance(row, Connection) else getattr(row, "connection", None)
        if self.changed_on is None or store is None:
            return None
        return reverse(self.changed_on[1], args=[store.public_id])

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """With a word on where it is changed."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.changed_on is None:
            return fieldsets
        words = f"Nothing is changed here. The merchant changes it on the page {self.changed_on[0]}."
        return [(name, {**options, "description": words}) for name, options in fieldsets]

    def has_act_permission(self, request: HttpRequest) -> bool:
        """For actions that go through services: the right to change such a row, though no form offers it."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ProvenLatelyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who changes people proves anew who they are, as for their own account."""

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        demand_proof(request)
        return super().changelist_view(request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        demand_proof(request)
        return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        demand_proof(request)
        return super().delete_view(request, *args, **kwargs)


class RefusedInWordsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What a service refuses is said on the same page, and nothing changed."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_refused(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_refused(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return self._or_refused(request, super().changelist_view, extra_context)

    def _or_refused(self, request: HttpRequest, view: Callable[..., Any], *args: Any, **kwargs: Any) -> HttpResponse:
        """The view's answer; where the service refused, its words."""
        try:
            answer: HttpResponse = view(request, *args, **kwargs)
        except ConfigurationFailure as failure:
            self.message_user(request, failure.summary, messages.ERROR)
            return HttpResponseRedirect(request.path)
        return answer


def demand_proof(request: HttpRequest) -> None:
    """Lead whoever sends something to where they prove who they are, unless they did within the last minutes."""
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="allauth.account")


def changes_of(form: ModelForm) -> dict[str, Any]:  # type: ignore[type-arg]
    """What a form changes, as the trail keeps it: field → what was and what is. No password leaves the form."""
    return {
        name: {"was": told(form.initial.get(name)), "is": told(form.cleaned_data.get(name))}
        for name in form.changed_data
        if "password" not in name
    }


def told(value: Any) -> Any:
    """A form's value in words."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return sorted(map(str, value)) if isinstance(value, (list, QuerySet)) else str(value)


def acting(request: HttpRequest) -> User:
    """The admin behind a request."""
    if not isinstance(request.user, User):
        raise TypeError("the admin site lets only people in")
    return request.user
