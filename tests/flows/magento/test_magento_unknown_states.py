"""A state that a module brought and Magento's documents do not name: held until a person says what it stands for."""

import json

from connections.connect.magento.clients import magento_client
from syncjobs.models import Record
from tests.flows.magento.conftest import Pair, line
from tests.screens.test_card_fixes import card, fix
from tests.screens.test_linking import people_of_connection

CODE = "status_unknown"


def test_a_state_of_a_module_is_given_its_meaning_in_the_card(pair: Pair) -> None:
    shop = people_of_connection(pair.connection)
    web_id = pair.place(line("DOG-LEAD", "20.00"))
    body = magento_client(pair.connection.store).order_read(web_id) | {"state": "at_tailor"}
    pair.magento.post(
        "/_sim/faults",
        {"method": "GET", "path": rf"/V1/orders/{web_id}$", "status": 200, "times": 9,
         "body": json.loads(json.dumps(body, default=str))},
    )  # fmt: skip
    assert pair.run(web_id) == "hold"
    form = card(shop, CODE).form
    assert form is not None
    assert ("processing", "Processing") in form.options
    assert "closed" not in dict(form.options)
    assert fix(shop, CODE, target="processing") == [
        "“at_tailor” stands for Processing from now on. 1 record is tried again now."
    ]
    assert pair.run(web_id) == "done", pair.record(web_id).reason
    record = pair.record(web_id)
    assert (record.disposition, record.source_status, record.source_meaning) == (
        Record.Disposition.BOOKED, "at_tailor", "open",
    )  # fmt: skip
    assert [row["status"] for row in pair.living()] == ["open"]
