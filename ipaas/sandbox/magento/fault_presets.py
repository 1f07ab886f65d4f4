"""Faults of apis/magento.md §22 by name, as rules of the core's faults in Magento's own words."""

from __future__ import annotations

from typing import Any

MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Service Temporarily Unavailable</title></head>"
    "<body><h1>Service Temporarily Unavailable</h1></body></html>"
)
TOO_MANY = "<html><head><title>429 Too Many Requests</title></head><body><h1>429 Too Many Requests</h1></body></html>"
REPORT = "Internal Error. Details are available in Magento log file. Report ID: webapi-65f1c0ffee123"
NOT_AUTHORIZED = {
    "message": "The consumer isn't authorized to access %resources.",
    "parameters": {"resources": "Magento_Sales::actions_view"},
}
PRESETS: dict[str, dict[str, Any]] = {
    "maintenance": {"status": 503, "html": MAINTENANCE},
    "throttled": {"status": 429, "html": TOO_MANY, "headers": {"Retry-After": "7"}},
    "throttled_bare": {"status": 429, "html": TOO_MANY},
    "deadlock": {"status": 400, "body": {"message": "Database deadlock found when trying to get lock", "code": 1213}},
    "lock_wait": {"status": 400, "body": {"message": "Database lock wait timeout exceeded", "code": 1205}},
    "report": {"status": 500, "body": {"message": REPORT}},
    "fatal": {"status": 500, "body": {"messages": {"error": [{"code": 500, "message": "Internal Error"}]}}},
    "unauthorized": {"status": 401, "body": NOT_AUTHORIZED},
    "lost_answer": {"after": True, "lose": True},  # the work is done, the answer never comes
    "cut": {"drop": True},
    "truncated": {"truncate": True},
    "slow": {"stall": 3},
}
