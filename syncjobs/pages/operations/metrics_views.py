"""Prometheus asks here, with a token of its own; without METRICS_TOKEN there is no such page."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from connections.views.base import public
from syncjobs.engine.metrics import metrics_text


@require_safe
@never_cache
@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures of every queue, class, flow, budget and circuit."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics_text(), content_type=CONTENT_TYPE_LATEST)
