"""Tax classes, rates and rules (apis/magento.md §14.5, §21)."""

from __future__ import annotations

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import no_such
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()


@routes.get("/V1/taxClasses/search")
def classes(call: Call) -> Row:
    """Product and customer classes."""
    return call.search(call.state.tax_classes)


@routes.get("/V1/taxClasses/{taxClassId}")
def class_get(call: Call) -> Row:
    """One class."""
    number = call.path["taxClassId"]
    found = call.state.tax_classes.get(number)
    if found is None:
        raise no_such("class_id", number)
    return found


@routes.get("/V1/taxRates/search")
def rates(call: Call) -> Row:
    """Rates by country and region."""
    return call.search(call.state.tax_rates)


@routes.get("/V1/taxRates/{rateId}")
def rate_get(call: Call) -> Row:
    """One rate."""
    number = call.path["rateId"]
    found = call.state.tax_rates.get(number)
    if found is None:
        raise no_such("rateId", number)
    return found


@routes.get("/V1/taxRules/search")
def rules(call: Call) -> Row:
    """Which classes meet which rates."""
    return call.search(call.state.tax_rules)


@routes.get("/V1/taxRules/{ruleId}")
def rule_get(call: Call) -> Row:
    """One rule."""
    number = call.path["ruleId"]
    found = call.state.tax_rules.get(number)
    if found is None:
        raise no_such("ruleId", number)
    return found
