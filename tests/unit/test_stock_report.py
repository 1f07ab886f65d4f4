"""The stock story's judgement."""

from datetime import UTC, datetime, timedelta

from syncjobs.stories.demo.stock_report import Sale, StockReport, differences, oversold, percentiles

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def sale(seconds: float, pieces: int = 1, sku: str = "A") -> Sale:
    return Sale(sku=sku, pieces=pieces, at=NOON + timedelta(seconds=seconds))


def test_what_differs_is_listed_also_when_the_store_lacks_it() -> None:
    assert differences({"A": 3, "B": 2}, {"A": 3, "B": 1, "C": 0}) == [
        {"sku": "B", "store": 2, "expected": 1},
        {"sku": "C", "store": None, "expected": 0},
    ]


def test_pieces_sold_twice_are_avoidable_once_the_tills_sale_had_its_time() -> None:
    at_once = oversold({"A": -1, "B": 2}, [sale(1)], [sale(0)], 3.0)
    too_late = oversold({"A": -2}, [sale(60, 2)], [sale(0)], 3.0)
    assert (at_once, too_late) == ({"avoidable": 0, "simultaneous": 1}, {"avoidable": 2, "simultaneous": 0})
    assert oversold({"A": -1}, [], [sale(0)], 3.0) == {"avoidable": 0, "simultaneous": 0}


def test_percentiles() -> None:
    assert percentiles([3.0, 1.0, 2.0]) == {"p50": 2.0, "p95": 3.0, "measured": 3}
    assert percentiles([]) == {"p50": None, "p95": None, "measured": 0}


def report(**changes: object) -> StockReport:
    known: dict[str, object] = {"skus": 1, "full_sync": {}, "afterwards": {}, "sale_to_store_seconds": {}}
    return StockReport(**(known | {"oversold": {"avoidable": 0, "simultaneous": 4}} | changes))  # type: ignore[arg-type]


def test_it_is_clean_only_when_nothing_is_wrong() -> None:
    assert report().is_clean
    assert not report(differences=[{"sku": "A"}]).is_clean
    assert not report(problems=["orders are on their way"]).is_clean
    assert not report(oversold={"avoidable": 1, "simultaneous": 0}).is_clean
