"""What Magento's refusals mean, over HTTP: a status alone says little there (apis/magento.md §2.4, §4, §5)."""

import json

import pytest

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.base import SaveFailed, SignatureRefused
from connections.connectors.magento.signing import Bearer, CloudService, Signed
from errors.failures import (
    CredentialsRejected,
    NotFound,
    NotItsApi,
    NotOffered,
    PermissionMissing,
    Rejected,
    ServerTrouble,
    SyncFailure,
    Throttled,
    Unreachable,
)
from ipaas.types import NoObserver
from tests.connections.magento_shop import Admin, admin, magento_server
from tests.connectors.conftest import BadServer, answering

__all__ = ["admin", "magento_server"]

HTML = ("<html><title>Service Temporarily Unavailable</title></html>", "Content-Type: text/html")
SECRET = "s3cr3t0000000000000000000000abcd"


@pytest.fixture
def signed(admin: Admin) -> MagentoClient:
    """A client that may do everything."""
    return MagentoClient(admin.url, Signed(**admin.four_values()), NoObserver())


def at(server: BadServer) -> MagentoClient:
    """A client of a server that answers as told."""
    return MagentoClient(server.url, Bearer(token=SECRET), NoObserver())


@pytest.mark.parametrize(
    ("preset", "failure", "words"),
    [
        ("maintenance", ServerTrouble, "Magento has trouble (503)."),
        ("throttled", Throttled, "Magento asks us to slow down."),
        ("throttled_bare", Throttled, "Magento asks us to slow down."),
        ("deadlock", ServerTrouble, "Magento's database is busy."),
        ("lock_wait", ServerTrouble, "Magento's database is busy."),
        ("report", ServerTrouble, "Magento has trouble (500)."),
        ("fatal", ServerTrouble, "Magento has trouble (500)."),
        ("cut", Unreachable, "Magento gave no complete answer; the call may or may not have worked."),
        ("truncated", Unreachable, "Magento gave no complete answer; the call may or may not have worked."),
    ],
)
def test_trouble_is_told_from_refusals(
    admin: Admin, signed: MagentoClient, preset: str, failure: type[SyncFailure], words: str
) -> None:
    admin.sim("POST", f"faults/presets/{preset}", {"times": 1})
    with pytest.raises(failure) as caught:
        signed.websites()
    assert (type(caught.value), caught.value.summary) == (failure, words)
    assert caught.value.retry_after == (7.0 if preset == "throttled" else None)
    assert len(signed.websites()) == 3


def test_a_client_can_be_refused_for_one_right_and_lives(admin: Admin) -> None:
    """M33: of a shop's rights one is missing; what it names is in the words of Admin's tree."""
    values = admin.four_values("Magento_Sales::actions_view")
    limited = MagentoClient(admin.url, Signed(**values), NoObserver())
    with pytest.raises(PermissionMissing) as caught:
        limited._send("POST", limited._v1("/order/1/refund"), body={"items": []})
    assert caught.value.summary == (
        "In Magento the permission Sales > Operations > Orders > Actions > Credit Memos is missing."
    )
    assert limited.orders_count("complete") >= 0  # what it may do goes on


def test_an_unknown_token_is_dead_although_the_shop_names_a_right(admin: Admin) -> None:
    admin.switch(integration_as_bearer=True)
    for token in ("x" * 32, "short"):
        with pytest.raises(CredentialsRejected, match="no longer accepts our access"):
            MagentoClient(admin.url, Bearer(token=token), NoObserver()).websites()


@pytest.mark.parametrize("how", ["disable", "revoke", "reset"])
def test_a_token_that_was_taken_back_is_dead(admin: Admin, how: str) -> None:
    made = admin.integration()
    admin.activate(made)
    client = MagentoClient(admin.url, Signed(**admin.values(made)), NoObserver())
    assert len(client.websites()) == 3
    admin.sim("POST", f"integrations/{made['id']}/{how}")
    with pytest.raises(CredentialsRejected):
        client.websites()


def test_whether_a_token_lives_is_not_concluded_from_trouble(admin: Admin) -> None:
    """While the shop cannot say, neither can we: the call is tried again later."""
    values = admin.four_values("Magento_Backend::admin")
    client = MagentoClient(admin.url, Signed(**values), NoObserver())
    admin.sim("POST", "faults", {"path": ".*/V1/modules", "status": 503})
    with pytest.raises(ServerTrouble):
        client.websites()


def test_a_wrong_secret_is_a_refused_signature(admin: Admin) -> None:
    values = admin.four_values() | {"consumer_secret": "x" * 32}
    with pytest.raises(SignatureRefused):
        MagentoClient(admin.url, Signed(**values), NoObserver()).websites()


def test_a_nonce_that_came_twice_is_tried_again(server: BadServer) -> None:
    body = {"message": "The nonce is already being used by the consumer with ID %1", "parameters": ["7"]}
    server.will(answering("401 Unauthorized", json.dumps(body)))
    with pytest.raises(ServerTrouble, match="could not check that a call came once only"):
        at(server).websites()


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found"])
def test_a_page_before_the_shop_is_no_answer_of_magento(server: BadServer, status: str) -> None:
    server.will(answering(status, *HTML))
    with pytest.raises(NotItsApi, match=f"answered {status[:3]}: it has to let our calls through"):
        at(server).websites()


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://www.shop.example/rest/all/V1/store/websites", "leads us on to https://www.shop.example: connect"),
        ("/maintenance.html", "leads us on to another page: connect"),
    ],
)
def test_a_shop_that_answers_elsewhere_is_not_followed_and_says_where(
    server: BadServer, location: str, words: str
) -> None:
    server.will(answering("301 Moved Permanently", "", f"Location: {location}"))
    with pytest.raises(ServerTrouble, match=words):
        at(server).websites()
    assert len(server.requests) == 1


def test_a_page_in_place_of_an_answer_is_trouble(server: BadServer) -> None:
    server.will(answering("200 OK", *HTML))
    with pytest.raises(NotItsApi):
        at(server).websites()


@pytest.mark.parametrize("status", [413, 414, 431])
def test_a_request_that_is_too_long_stays_a_refusal_with_its_status(server: BadServer, status: int) -> None:
    server.will(answering(f"{status} Too Long", *HTML))
    with pytest.raises(Rejected) as caught:
        at(server).websites()
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("body", "message", "fields"),
    [
        (
            {"message": 'Maximum items of type "%type" is %max', "parameters": {"type": "SourceItem", "max": 20}},
            'Maximum items of type "SourceItem" is 20',
            {"type": "SourceItem", "max": "20"},
        ),
        (
            {"message": "A shipment cannot be created when an order has a status of %1", "parameters": ["holded"]},
            "A shipment cannot be created when an order has a status of holded",
            {},
        ),
        (
            {
                "message": "Validation Failed: ",
                "errors": [
                    {"message": '"%field" can not be empty.', "parameters": {"field": "sku"}},
                    {"message": '"%field" should be numeric.', "parameters": {"field": "quantity"}},
                ],
            },
            "Validation Failed: ",
            {"0": '"sku" can not be empty.', "1": '"quantity" should be numeric.'},
        ),
        ({"messages": {"error": [{"code": 400, "message": "Bad"}]}}, "Bad", {}),
        ({"message": "%unknown of 100% %3", "parameters": {"known": 1}}, "%unknown of 100% %3", {"known": "1"}),
        ({"message": None}, "", {}),
        ([], "", {}),
    ],
)
def test_values_are_filled_into_what_magento_says(
    server: BadServer, body: object, message: str, fields: dict[str, str]
) -> None:
    server.will(answering("400 Bad Request", json.dumps(body)))
    with pytest.raises(Rejected) as caught:
        at(server).websites()
    said = f": {message}" if message else "."
    assert (caught.value.summary, caught.value.fields) == (f"Magento refused the request (400){said}", fields)


def test_a_save_that_failed_for_no_given_reason_is_tried_again_and_told_apart(server: BadServer) -> None:
    for text in (
        "The product was unable to be saved. Please try again.",
        "Could not save Source Item",
        "Could not save a shipment, see error log for details",
        "Could not save an invoice, see error log for details",
        "Could not save a Creditmemo, see error log for details",
    ):
        server.will(answering("400 Bad Request", json.dumps({"message": text})))
        with pytest.raises(SaveFailed):
            at(server).websites()


def test_a_record_that_is_not_there_is_not_a_route_that_is_not_there(admin: Admin, signed: MagentoClient) -> None:
    with pytest.raises(NotFound):
        signed.order_read("999999")
    with pytest.raises(NotOffered, match="This Magento has no GET /rest/all/V1/nothing"):
        signed._send("GET", signed._v1("/nothing"))


def test_no_secret_is_in_a_failure(server: BadServer) -> None:
    server.will(answering("400 Bad Request", json.dumps({"message": f"{SECRET} is odd"})))
    with pytest.raises(Rejected) as caught:
        at(server).websites()
    assert SECRET not in f"{caught.value.summary}{caught.value.detail}{caught.value!r}"


def test_the_token_of_a_cloud_service_goes_with_its_key_and_organization(server: BadServer) -> None:
    server.will(answering("200 OK", "[]"))
    access = CloudService(client_id="key-1", organization="1@AdobeOrg", token=SECRET)
    MagentoClient(f"{server.url}/tenant", access, NoObserver()).websites()
    sent = server.requests[0].decode()
    assert sent.startswith("GET /tenant/V1/store/websites HTTP/1.1\r\n")
    assert {"x-api-key: key-1", "x-gw-ims-org-id: 1@AdobeOrg", f"Authorization: Bearer {SECRET}"} <= set(
        sent.split("\r\n")
    )
