"""The control API every sandbox has under `/_sim/`: health, clock, faults, switches, reset, calls, deliveries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.outbox import describe
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, html, json_reply

if TYPE_CHECKING:
    from ipaas.sandbox.core.service import Service

control: "Router[Any]" = Router()


def control_router() -> "Router[Any]":
    """The routes under `/_sim/`, the same for every service."""
    return control


def _told(change: Callable[[], Any]) -> Any:
    """Run a change that a person may have misspelt; answer 400 with the reason."""
    try:
        return change()
    except (ValueError, TypeError, KeyError) as exc:
        raise ApiError(400, {"error": str(exc)}) from exc


@control.route("GET", "/_sim/health")
def health(service: "Service", request: Request) -> Reply:
    """Alive, and what it is."""
    tables = {name: len(table) for name, table in sorted(service.database.tables.items())}
    about = {"service": service.name, "seed": service.seed, "scale": service.scale}
    return json_reply({"status": "ok", **about, "rows": tables})


@control.route("GET", "/_sim/clock")
def clock_read(service: "Service", request: Request) -> Reply:
    """The sandbox's time."""
    clock = service.clock
    frozen = clock.frozen_at.isoformat() if clock.frozen_at else None
    return json_reply(
        {"now": clock.now().isoformat(), "offset_seconds": clock.offset.total_seconds(), "frozen_at": frozen}
    )


@control.route("PUT", "/_sim/clock")
def clock_set(service: "Service", request: Request) -> Reply:
    """`{"offset_seconds": n}` runs shifted; `{"frozen_at": "ISO with offset"}` stops; `{}` is real time again."""
    wish = request.json_object()
    if wish.get("frozen_at"):
        _told(lambda: service.clock.freeze(_aware(wish["frozen_at"])))
    else:
        _told(lambda: service.clock.shift(timedelta(seconds=float(wish.get("offset_seconds", 0)))))
    service.save_engine()
    return clock_read(service, request)


@control.route("POST", "/_sim/clock/advance")
def clock_advance(service: "Service", request: Request) -> Reply:
    """`{"seconds": n}` moves time on."""
    wish = request.json_object()
    _told(lambda: service.clock.advance(float(wish["seconds"])))
    service.save_engine()
    return clock_read(service, request)


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("frozen_at needs an offset")
    return at


@control.route("GET", "/_sim/faults")
def faults_list(service: "Service", request: Request) -> Reply:
    """Rules in force with their hits."""
    return json_reply({"faults": service.faults.list()})


@control.route("POST", "/_sim/faults")
def faults_add(service: "Service", request: Request) -> Reply:
    """Add one rule, or several in a list."""
    wishes = request.json()
    many = wishes if isinstance(wishes, list) else [wishes]
    added = _told(lambda: [service.faults.add(wish) for wish in many])
    return json_reply({"faults": [rule.describe() for rule in added]}, 201)


@control.route("DELETE", "/_sim/faults")
def faults_clear(service: "Service", request: Request) -> Reply:
    """Remove all rules, or the one in `?id=`."""
    service.faults.clear(request.args.get("id", type=int))
    return json_reply({"faults": service.faults.list()})


@control.route("GET", "/_sim/switches")
def switches_read(service: "Service", request: Request) -> Reply:
    """Every switch with value, default and meaning."""
    return json_reply(service.switches.describe())


@control.route("PUT", "/_sim/switches")
def switches_set(service: "Service", request: Request) -> Reply:
    """`{"name": value, ...}` sets; names not given stay."""
    wish = request.json_object()
    _told(lambda: service.switches.set(wish))
    service.save_engine()
    return json_reply(service.switches.values)


@control.route("POST", "/_sim/reset")
def reset(service: "Service", request: Request) -> Reply:
    """Back to the seed: `{"seed": n, "scale": n}`, both optional."""
    wish = request.json_object()
    service.reset(int(wish.get("seed", service.seed)), int(wish.get("scale", service.scale)))
    return health(service, request)


@control.route("GET", "/_sim/calls")
def calls_read(service: "Service", request: Request) -> Reply:
    """Counts per route; `?log=1` adds the last 1,000 calls."""
    return json_reply(service.calls.describe(log=bool(request.args.get("log"))))


@control.route("DELETE", "/_sim/calls")
def calls_reset(service: "Service", request: Request) -> Reply:
    """Count from zero."""
    service.calls.reset()
    return json_reply(service.calls.describe())


@control.route("GET", "/_sim/state/<name>")
def state(service: "Service", request: Request, name: str) -> Reply:
    """Rows of one table by id: `?limit=` (1,000), `?after=id`, `?id=`."""
    table = service.database.tables.get(name)
    if table is None:
        raise ApiError(404, {"error": "no such table", "tables": sorted(service.database.tables)})
    if (one := request.args.get("id", type=int)) is not None:
        return json_reply({"total": len(table), "rows": [row] if (row := table.get(one)) else []})
    limit = request.args.get("limit", 1000, type=int)
    rows = table.after(request.args.get("after", type=int))
    return json_reply({"total": len(table), "rows": [row for _, row in zip(range(limit), rows, strict=False)]})


@control.route("GET", "/_sim/deliveries")
def deliveries(service: "Service", request: Request) -> Reply:
    """The delivery log, oldest first: `?status=queued|delivered|failed|dropped`, `?after=id`."""
    table = service.outbox.table
    wanted = request.args.get("status")
    rows = [r for r in table.after(request.args.get("after", type=int)) if wanted in (None, r["status"])]
    return json_reply({"total": len(rows), "deliveries": [describe(row) for row in rows]})


@control.route("GET", "/_sim/deliveries/controls")
def controls_read(service: "Service", request: Request) -> Reply:
    """How deliveries are disturbed at present."""
    return json_reply(service.outbox.control({}))


@control.route("PUT", "/_sim/deliveries/controls")
def controls_set(service: "Service", request: Request) -> Reply:
    """`{"paused", "drop", "copies", "delay_seconds", "jitter_seconds", "batch_seconds", "order"}`, any of them."""
    wish = request.json_object()
    return json_reply(_told(lambda: service.outbox.control(wish)))


@control.route("POST", "/_sim/deliveries/flush", locked=False)
def deliveries_flush(service: "Service", request: Request) -> Reply:
    """Send everything queued now, retries too, and wait: `{"wait": seconds, "everything": true}`."""
    wish = request.json_object()
    wait, everything = float(wish.get("wait", 5)), bool(wish.get("everything", True))
    return json_reply(service.outbox.flush(wait=wait, everything=everything))


@control.route("GET", "/_sim/style.css")
def style(service: "Service", request: Request) -> Reply:
    """The one stylesheet."""
    return Reply(pages.STYLE, mimetype="text/css", headers={"Cache-Control": "max-age=60"})


@control.route("GET", "/_sim/")
def start_page(service: "Service", request: Request) -> Reply:
    """Everything there is, for a person."""
    places = Markup("<ul>{}</ul>").format(
        Markup("").join(Markup("<li>{}</li>").format(pages.link(url, text)) for url, text in service.links())
    )
    switches = pages.table(
        ("Switch", "Value", "Default", "Meaning"),
        [(n, str(s["value"]), str(s["default"]), s["about"]) for n, s in service.switches.describe().items()],
    )
    controls = pages.table(
        ("Call", "Does"),
        [(route.pattern, (route.handler.__doc__ or "").strip().splitlines()[0]) for route in control.routes],
    )
    body = (
        pages.section("Pages", places)
        + pages.section("Keys of this sandbox", pages.facts(service.facts()))
        + pages.section("Switches", switches)
        + pages.section("Control calls", controls)
    )
    return html(pages.page(service.title, body, service.links(), system=service.name, label=service.title))
