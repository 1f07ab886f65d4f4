"""Refusals for programs: problem details (RFC 9457) instead of a page."""

import json
from typing import Any

from django.http import HttpResponse

API = "/v1/"  # below it answers are for programs
MEDIA_TYPE = "application/problem+json"


def problem_body(*, status: int, code: str, title: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem; its type leads to where the API's page explains the code."""
    return {"type": f"/developers/#{code}", "title": title, "status": status, "code": code, "detail": detail, **more}


def problem_answer(*, status: int, code: str, title: str, detail: str) -> HttpResponse:
    body = problem_body(status=status, code=code, title=title, detail=detail)
    private = {"Cache-Control": "no-store, private"}
    return HttpResponse(json.dumps(body), status=status, content_type=MEDIA_TYPE, headers=private)
