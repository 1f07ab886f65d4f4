"""What people wrote on an order beside its goods: into Heartland's fields, later edits too, and onto the order's page.

Texts are no content: a later edit is written into the sales order that stands there, and asks nobody.
"""

import json

from errors.failures import Rejected
from ipaas import digests
from ipaas.types import JSON
from mappings.core.canonical.order import Source, Written
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.line_notes import NOTE_LENGTH
from mappings.core.rules.written import Target, fields_of
from mappings.models import ValueMap
from syncjobs.flows.orders.order_context import Effect, OrderContext
from syncjobs.models import OrderText

LEFT_OUT, ON_LINE, IN_FIELD = "left_out", "on_line", "in_field"


def targets_of(context: OrderContext) -> dict[Written, Target]:
    """Where each text goes, by the merchant's settings; for checkout fields by their own row first."""
    return {one: _target(context, one) for one in context.order.written}


def _target(context: OrderContext, written: Written) -> Target:
    settings = context.settings
    if written.source is not Source.CHECKOUT:
        return Target(field=getattr(settings, f"{written.source}_field"))
    own = context.tables.resolve(ValueMap.Kind.CHECKOUT, written.name)
    return Target(field=own) if own else Target(field=settings.checkout_field, is_shared=True)


def look(context: OrderContext) -> JSON:
    """Keep the texts for the order's page, and answer what facts say of them: no text, only where each goes."""
    before = context.record.facts.get("written") or {}
    if not context.order.written and not before:
        return {}
    targets = targets_of(context)
    context.texts = fields_of(context.order.written, targets)
    rows = [_row(context, one, targets[one]) for one in context.order.written]
    content = json.dumps([row | {"text": one.text} for row, one in zip(rows, context.order.written, strict=True)])
    seen = content_digest(content)
    if seen != before.get("seen"):
        _keep(context, content if rows else "")
    return {"written": {"rows": rows, "seen": seen, **({"given": before["given"]} if "given" in before else {})}}


def _row(context: OrderContext, written: Written, target: Target) -> JSON:
    """A checkout field's name is the merchant's; every other label is ours."""
    is_on_line = written.source is Source.GIFT_MESSAGE and bool(context.settings.line_note_field)
    place = IN_FIELD if target.field else ON_LINE if is_on_line else LEFT_OUT
    return {"label": written.label, "field": target.field, "place": place}


def _keep(context: OrderContext, content: str) -> None:
    rows = OrderText.objects.filter(connection=context.connection, external_id=context.external_id)
    if not content:
        rows.delete()
        return
    OrderText.objects.update_or_create(
        connection=context.connection,
        external_id=context.external_id,
        defaults={"content": content, "read_at": context.now},
    )


def managed(context: OrderContext) -> dict[str, str]:
    """What every field that takes texts should hold now; the field's default, or nothing, where nobody wrote any."""
    settings = context.settings
    chosen = [getattr(settings, f"{source}_field") for source in Source]
    fields = {*chosen, *context.tables.targets_of(ValueMap.Kind.CHECKOUT)} - {
        "",
        settings.number_field,
        settings.source_field,
    }
    defaults = context.tables.field_defaults["sales.order"]
    return {field: context.texts.get(field) or defaults.get(field, "") for field in sorted(fields)}


def given(context: OrderContext, sales_order: SalesOrder) -> JSON:
    """Facts after the sales order was written, as far as it holds the texts of this run."""
    written = context.facts["facts"].get("written") or {}
    there, wanted = sales_order.answer.get("custom") or {}, managed(context)
    holds_all = all(str(there.get(field) or "") == text for field, text in wanted.items() if field in there)
    now = {"given": content_digest(json.dumps(wanted))} if holds_all and context.order.written else {}
    return {"written": written | now} if written or now else {}


def bring_up_to_date(context: OrderContext) -> None:
    """Write texts that were edited after booking into the sales order as it stands: one call, only when they were.

    What staff wrote into the field themselves stays while nobody edits the store's text.
    """
    before = (context.record.facts.get("written") or {}).get("given")
    wanted = managed(context)
    if context.standing is None or not context.standing.is_alive or content_digest(json.dumps(wanted)) == before:
        return
    there = context.standing.answer.get("custom") or {}
    edited = {
        field: text
        for field, text in wanted.items()
        if field in there and str(there[field] or "") != text and (text or before)
    }
    if edited:
        write(context, context.standing, edited)
    written = context.facts["facts"].get("written") or {}
    context.learn(facts=context.facts["facts"] | {"written": written | {"given": content_digest(json.dumps(wanted))}})


def write(context: OrderContext, standing: SalesOrder, edited: dict[str, str]) -> None:
    """Change the fields in place, as far as Heartland takes them; what it does not take is said and left."""
    fitting = {field: text for field, text in edited.items() if len(text) <= NOTE_LENGTH}
    if too_long := sorted(edited.keys() - fitting.keys()):
        context.decide(f"Too long for Heartland, so what stood there stays: {', '.join(too_long)}.")
    if standing.status == "closed":
        context.decide(f"{standing.public_id} is closed in Heartland: what was edited is not written any more.")
    elif fitting:
        context.intend(
            Effect.UPDATE, f"What was written on the order is brought up to date in {standing.public_id}, in place."
        )
        try:
            context.heartland.order_update(standing.id, custom=fitting)
        except Rejected as refusal:
            context.decide(f"Heartland does not take what was written: {', '.join(sorted(refusal.fields))}.")


def content_digest(text: str) -> str:
    """Tells whether texts changed without keeping them."""
    return digests.content_digest("order texts", text)
