"""The list of Magento websites, and the page that adds one."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from connections.strict import takes
from connections.views.base import PersonRequest, member, page
from connections.views.integrations import shops


@require_safe
@member
def websites(request: PersonRequest) -> HttpResponse:
    """Magento websites: add, manage."""
    return page(request, "connections/magento/websites.html", {"shops": shops(request.user)})


@takes("merchant", "store")
@require_POST
@member
def reconnect(request: PersonRequest) -> HttpResponse:
    """*Reconnect Magento*: to the page that adds one, for the store that is there."""
    return redirect("integrations_magento")
