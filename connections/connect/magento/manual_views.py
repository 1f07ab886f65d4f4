"""Connecting a Magento shop with secrets that a person pastes: they are checked before they are kept."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from connections.connect.magento.clients import CLOUD, SIGNED
from connections.connect.magento.connecting import BEARER_SWITCH, store_connect
from connections.connect.magento.magento_forms import AddressForm, CloudForm, TokenForm, ValuesForm
from connections.connect.magento.magento_views import again, go_on
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, member, merchant_for, page
from connections.wall import wall_lifted
from errors.failures import SyncFailure


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to connect."""

    form: type[AddressForm]
    secrets: tuple[str, ...]  # fields of the form that are kept
    title: str


WAYS = {
    "values": Way(form=ValuesForm, secrets=SIGNED, title="Paste the four values of an integration"),
    "token": Way(form=TokenForm, secrets=("token",), title="Paste an access token"),
    "cloud": Way(form=CloudForm, secrets=CLOUD, title="Adobe Commerce as a Cloud Service"),
}


@takes(ValuesForm, TokenForm, CloudForm)
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("consumer_key", "consumer_secret", "token", "token_secret", "client_secret")
@member
@wall_lifted()  # whether the shop is somebody else's already
def manual(request: PersonRequest, merchant_id: UUID, way: str) -> HttpResponse:
    """The guide of one way, with its form."""
    merchant = merchant_for(request, str(merchant_id), Action.CONNECT)
    if way not in WAYS:
        raise Http404
    context = again(request, merchant)
    store, chosen = context["store"], WAYS[way]
    form = chosen.form(request.POST or None, is_again=bool(store), initial={"address": store.api_base if store else ""})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            connected = store_connect(
                merchant=merchant,
                address=given["address"],
                secrets={name: given[name] for name in chosen.secrets},
                signing_url=given.get("signing_url", ""),
                store=store,
                has_moved=given.get("has_moved", False),
                actor=request.user,
            )
        except SyncFailure as failure:
            form.add_error(None, failure.summary)
        else:
            return go_on(request, connected)
    context |= {"form": form, "merchant": merchant, "title": chosen.title, "bearer_switch": BEARER_SWITCH}
    return page(request, f"connections/magento/{way}.html", context, merchant=merchant)
