"""The page on which a merchant says how customers are kept alike."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.preferences import SavedMeanwhile
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, page
from mappings.core.canonical.customer import CustomerField
from mappings.core.rules.customer_fields import NEVER_BLANK
from syncjobs.intake.customer_choices import customer_settings_of, customer_settings_save, version_of
from syncjobs.models import CustomerIdentity, CustomerQuestion
from syncjobs.pages.customer_settings.customer_form import CustomerSettingsForm
from syncjobs.pages.lists.keyset import count_words, some
from syncjobs.pages.loyalty.loyalty_lists import offered_known, offered_read

OF_FIELDS = [f"owner_{one}" for one in CustomerField] + [
    f"blank_{one}" for one in CustomerField if one not in NEVER_BLANK
]


@require_safe
@for_connection(Action.LOOK)
def customer_settings(request: PersonRequest, connection: Connection) -> HttpResponse:
    """What is kept alike, in which direction, and how many people that is."""
    return shown(request, connection, form_of(connection))


def form_of(connection: Connection, data: QueryDict | None = None) -> CustomerSettingsForm:
    """With the store's groups, where somebody read them lately."""
    return CustomerSettingsForm(customer_settings_of(connection), data, offered_known(connection.store).groups)


@require_POST
@for_connection(Action.TEST)
def groups_read(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Ask the store for its groups of customers."""
    if problem := offered_read(connection.store).problem:
        messages.error(request, problem)
    else:
        messages.success(request, "The store’s customer groups are read anew.")
    return redirect("customer_settings", public_id=connection.public_id)


@takes(CustomerSettingsForm, *OF_FIELDS, "word-*", "version")
@require_POST
@for_connection(Action.SETTINGS)
def save(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Store it over what the page showed."""
    form = form_of(connection, request.POST)
    if not form.is_valid():
        return shown(request, connection, form, status=400)
    try:
        is_changed = customer_settings_save(
            connection=connection,
            changes=form.changes,
            shown=request.POST.get("version", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except SavedMeanwhile as conflict:
        messages.error(request, f"Nothing was saved: {conflict.summary} The choices are shown as they are now.")
    else:
        words = "Saved. What changes from now on is carried so." if is_changed else "Nothing was changed."
        messages.success(request, words)
    return redirect("customer_settings", public_id=connection.public_id)


def shown(
    request: PersonRequest, connection: Connection, form: CustomerSettingsForm, *, status: int = 200
) -> HttpResponse:
    linked = CustomerIdentity.objects.filter(connection=connection)
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "form": form,
        "version": version_of(form.settings),
        "linked": (count := some(linked.filter(state=CustomerIdentity.State.LINKED))),
        "linked_words": count_words(count),
        "ended": count_words(ended) if (ended := some(linked.filter(state=CustomerIdentity.State.ENDED))) else "",
        "asked": CustomerQuestion.objects.open().filter(connection=connection).count(),
    }
    answer = page(request, "customer_settings/customer_settings.html", context, merchant=connection.merchant)
    answer.status_code = status
    return answer
