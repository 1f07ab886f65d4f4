"""One bad record never stops a run, and what stops one is said: no run says "Running" for ever."""

import pytest
from django.db import connection as database
from django.urls import reverse
from django.utils import timezone

from errors.failures import ConfigurationFailure
from errors.issues.record_errors import error_record
from errors.models import SyncError
from mappings.models import CatalogueSku, Link, StockLevel
from syncjobs.bulk.runs import run_start
from syncjobs.catalogue.walk_catalogues import CHECK
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.engine.stalls import SAME_ANSWERS
from syncjobs.intake.polls import poll_orders
from syncjobs.models import Cursor, Record, Run, RunChange
from syncjobs.stock.follow_locations import SYNC
from syncjobs.tasks import run_slice
from tests.bulk import run_whole, work
from tests.catalogue.conftest import Catalogue
from tests.screens.test_linking import people_of

LONG = ("LONG-" + "0123456789" * 26)[:255]
BROKEN = "An internal error stopped {}. The next try goes on where this one stopped."
SKU_BODY = {"type": "physical", "weight": 1, "price": 9}


def made_in_both(catalogue: Catalogue, number: str, name: str) -> int:
    catalogue.store.product_create(SKU_BODY | {"name": name, "sku": number})
    body = {"public_id": number, "description": name, "cost": 1, "price": 9, "custom": {"sold_on_web": "true"}}
    return int(catalogue.heartland.item_create(body))


def refused_by_the_database(table: str, condition: str) -> None:
    """From here on the database takes no row of which this holds."""
    with database.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'no' USING ERRCODE = 'string_data_right_truncation'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER refusing BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW"
            f" WHEN ({condition}) EXECUTE FUNCTION refuse()"
        )


@pytest.mark.parametrize("length", [121, 200, 255])
def test_c05_a_long_number_is_linked_ordered_and_stocked_like_any_other(catalogue: Catalogue, length: int) -> None:
    number = LONG[:length]
    item_id = made_in_both(catalogue, number, "Guy line")
    check = run_whole(catalogue.pair.connection, CHECK)
    assert check.state == Run.State.DONE
    assert check.result["linked"] == Link.objects.filter(kind="item").count() > 500
    link = Link.objects.get(source_id=number)
    assert (link.target_id, link.target_label) == (str(item_id), number)
    web_id = catalogue.pair.book(lines=[{"sku": number, "quantity": 1}])
    assert len(catalogue.pair.sales_orders(web_id)) == 1
    catalogue.pair.connection.inventory_settings.counts_all_locations = True
    catalogue.pair.connection.inventory_settings.save()
    sync = run_whole(catalogue.pair.connection, SYNC)
    assert sync.state == Run.State.DONE
    assert StockLevel.objects.get(sku=number).refusal == ""


@pytest.mark.parametrize("mode", ["push", "pull"])
def test_c05_a_long_number_goes_either_way(catalogue: Catalogue, mode: str) -> None:
    catalogue.choose(mode, includes_imageless=True)
    if mode == "push":
        catalogue.heartland.item_create({"public_id": LONG, "description": "Guy line", "cost": 1, "price": 9})
    else:
        catalogue.store.product_create(SKU_BODY | {"name": "Guy line", "sku": LONG})
    preview = catalogue.preview()
    done = catalogue.apply(preview, changes=[preview.changes.get(kind="create", title="Guy line").pk])
    assert (done.state, done.sentence) == (Run.State.DONE, "Created 1, updated 0; 0 needed nothing.")
    assert done.changes.get().subject == LONG
    assert Link.objects.get(source_id=LONG).target_id == str(catalogue.item(LONG)["id"])
    assert catalogue.variant(LONG)["sku"] == LONG


def test_a_link_that_the_database_refuses_is_left_out_alone(catalogue: Catalogue) -> None:
    refused_by_the_database("mappings_link", "NEW.source_id = 'DOG-LEAD'")
    check = run_whole(catalogue.pair.connection, CHECK)
    assert check.state == Run.State.DONE
    assert check.result["linked"] == Link.objects.filter(kind="item").count() > 500
    assert not Link.objects.filter(source_id="DOG-LEAD").exists()


def test_a_record_that_the_database_refuses_is_named_and_the_rest_is_read(catalogue: Catalogue) -> None:
    refused_by_the_database("mappings_cataloguesku", "NEW.sku = 'DOG-LEAD'")
    check = run_whole(catalogue.pair.connection, CHECK)
    assert check.state == Run.State.DONE
    rows = check.changes.filter(kind=RunChange.Kind.REFUSED)
    assert (
        list(rows.values_list("subject", "reason"))
        == [("DOG-LEAD", "Our database does not take it (DataError): it is left out, and everything else goes on.")] * 2
    )  # of either side
    assert CatalogueSku.objects.filter(state="linked").count() > 500


def test_what_was_made_is_listed_although_our_side_broke_after_it(catalogue: Catalogue) -> None:
    catalogue.choose("pull")
    for sku in ("NEW-A", "NEW-B", "NEW-C"):
        catalogue.store.product_create(SKU_BODY | {"name": f"Thing {sku}", "sku": sku})
    preview = catalogue.preview()
    refused_by_the_database("mappings_link", "NEW.source_id = 'NEW-B'")
    wanted = preview.changes.filter(kind="create", subject__startswith="NEW-")
    done = catalogue.apply(preview, changes=list(wanted.values_list("pk", flat=True)))
    assert done.state == Run.State.DONE
    assert done.sentence == "Created 2, updated 0, 1 were refused; 0 needed nothing."
    rows = dict(done.changes.values_list("subject", "kind"))
    assert rows == {"NEW-A": "create", "NEW-B": "refused", "NEW-C": "create"}
    assert done.changes.get(subject="NEW-B").reason == (
        f"{BROKEN.format('“Thing NEW-B”')} Made before that, and kept: 1 record."
    )
    assert catalogue.item("NEW-B")["price"] == 9


def test_a_defect_ends_the_run_with_words_and_an_alert_and_retry_goes_on(catalogue: Catalogue) -> None:
    connection = catalogue.pair.connection
    run = run_start(connection=connection, actor=None, kind=CHECK, now=timezone.now())
    Run.objects.filter(pk=run.pk).update(checkpoint="items:nonsense")
    assert run_slice(run.pk) == "failed"
    run.refresh_from_db()
    assert (run.state, run.sentence) == (
        Run.State.FAILED,
        f"Failed: {BROKEN.format('the run')}",
    )
    error = SyncError.objects.open().get(flow="runs")
    assert (error.state, error.label, error.external_id) == ("dead", "Check of all items", CHECK)
    assert error.code == "run_stalls"
    assert error.issues.get().title == f"Check of all items has stopped: {BROKEN.format('the run')}"
    assert run_whole(connection, "items_check").state == Run.State.DONE  # nothing else waits for it
    assert not SyncError.objects.open().filter(flow="runs").exists()

    other = run_start(connection=connection, actor=None, kind=CHECK, now=timezone.now())
    Run.objects.filter(pk=other.pk).update(checkpoint="items:nonsense")
    run_slice(other.pk)
    Run.objects.filter(pk=other.pk).update(checkpoint="products:0")
    job = job_enqueue(connection=connection, flow="runs", external_id=CHECK, cause="retry", now=timezone.now())
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    other.refresh_from_db()
    assert work(other).state == Run.State.DONE
    again = job_enqueue(connection=connection, flow="runs", external_id=CHECK, cause="retry", now=timezone.now())
    assert job_run(job_id=again.pk, now=timezone.now()) == "done"
    assert Record.objects.get(flow="runs").code == "run_is_over"


def test_a_refusal_that_does_not_pass_ends_the_run(catalogue: Catalogue) -> None:
    connection = catalogue.pair.connection
    rule = {"method": "GET", "path": "/api/items", "times": 50, "status": 400, "body": {"message": "unknown field"}}
    catalogue.pair.heartland.post("/_sim/faults", rule)
    run = run_start(connection=connection, actor=None, kind=CHECK, now=timezone.now())
    for _ in range(SAME_ANSWERS - 1):
        assert run_slice(run.pk) == "waiting"
        assert not SyncError.objects.open().exists()
        Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    assert run_slice(run.pk) == "failed"
    run.refresh_from_db()
    assert run.sentence.startswith("Failed: Heartland refused the request (400)")
    assert SyncError.objects.open().get().label == "Check of all items"


def test_a_look_that_breaks_the_same_way_is_an_issue_until_it_gets_through(catalogue: Catalogue) -> None:
    connection = catalogue.pair.connection
    Cursor.objects.filter(feed=Cursor.ORDERS).delete()
    Cursor.objects.create(connection=connection, feed=Cursor.ORDERS, due_at=timezone.now(), position="nonsense")
    for _ in range(SAME_ANSWERS):
        assert poll_orders(connection=connection, now=timezone.now()) is None
        Cursor.objects.filter(feed=Cursor.ORDERS).update(due_at=timezone.now())
    cursor = Cursor.objects.get(feed=Cursor.ORDERS)
    assert cursor.failure == BROKEN.format("the look for changed orders")
    error = SyncError.objects.open().get(flow="feeds")
    assert (error.label, error.reason) == ("Looking for changed orders", cursor.failure)
    assert error.code == "feed_stalls"
    Cursor.objects.filter(feed=Cursor.ORDERS).update(position=timezone.now().isoformat())
    assert poll_orders(connection=connection, now=timezone.now())
    assert not SyncError.objects.open().exists()


def test_signs_that_no_database_keeps_do_not_stop_a_check(catalogue: Catalogue) -> None:
    catalogue.heartland.item_create({"public_id": "NUL-1", "description": "Cord\0", "cost": 1, "price": 9})
    assert run_whole(catalogue.pair.connection, CHECK).state == Run.State.DONE
    assert CatalogueSku.objects.get(sku="NUL-1").facts["description"] == "Cord�"


def test_a_read_that_is_refused_after_the_write_takes_nothing_back(catalogue: Catalogue) -> None:
    catalogue.choose("pull")
    catalogue.store.product_create(SKU_BODY | {"name": "Made all the same", "sku": "NEW-A"})
    preview = catalogue.preview()
    rule = {"method": "GET", "path": "/api/items", "times": 1, "status": 400, "body": {"message": "not now"}}
    catalogue.pair.heartland.post("/_sim/faults", rule)
    done = catalogue.apply(preview, changes=[preview.changes.get(subject="NEW-A").pk])
    assert (done.state, done.sentence) == (Run.State.DONE, "Created 1, updated 0; 0 needed nothing.")
    assert Link.objects.get(source_id="NEW-A").target_id == str(catalogue.item("NEW-A")["id"])
    again = catalogue.preview()
    assert not again.changes.filter(subject="NEW-A").exists()


def test_a_number_with_a_slash_has_its_row_on_the_errors_tab(catalogue: Catalogue) -> None:
    people = people_of(catalogue.pair)
    number = f"6/8 {LONG}"[:255]
    error_record(
        connection=people.connection,
        flow="stock",
        external_id=number,
        label=f"Stock of {number}",
        failure=ConfigurationFailure(f"{number}: refused"),
        state=SyncError.State.HELD,
        now=timezone.now(),
    )
    page = people.client().get(people.at("errors/"))
    assert page.status_code == 200
    assert "6/8 LONG-0123" in page.content.decode()
    where = reverse("record", args=[people.connection.public_id, "stock", number])
    assert people.client().get(where).status_code == 302
