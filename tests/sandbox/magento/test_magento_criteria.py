"""searchCriteria: filters, order, pages and echo, on tax rates written for the purpose (apis/magento.md §6)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.magento.magento_api import Api, Filters, criteria

PATH = "/V1/taxRates/search"
RATES = (  # code, country, region name, rate, zip range
    ("US-MI", "US", "Michigan", "8.25", None),
    ("US-NY", "US", "New York", "8.375", None),
    ("us-ca", "US", "California", "7.25", 1),
    ("DE", "DE", None, "19", None),
    ("GB_VAT", "GB", None, "20", None),
    ("GBXVAT", "GB", None, "5", None),
)


@pytest.fixture
def rates(shop: Api) -> Api:
    """A shop with these six rates and no other."""
    with shop.service.transaction():
        for row in list(shop.state.tax_rates.all()):
            shop.state.tax_rates.delete(row["id"])
        for number, (code, country, region, rate, ranged) in enumerate(RATES, 1):
            shop.state.tax_rates.insert(
                {
                    "id": number,
                    "code": code,
                    "tax_country_id": country,
                    "region_name": region,
                    "rate": Decimal(rate),
                    "zip_is_range": ranged,
                }
            )
    return shop


def found(shop: Api, groups: Filters | None = None, *more: Any) -> list[int]:
    return [row["id"] for row in shop.get(PATH + criteria(groups, *more)).json()["items"]]


@pytest.mark.parametrize(
    ("field", "condition", "value", "ids"),
    [
        ("code", "eq", "us-mi", [1]),
        ("code", "neq", "US-CA", [1, 2, 4, 5, 6]),
        ("code", "in", "de,us-ny", [2, 4]),
        ("code", "nin", "de,us-ny", [1, 3, 5, 6]),
        ("code", "like", "us-%", [1, 2, 3]),
        ("code", "like", "gb_vat", [5, 6]),
        ("code", "nlike", "us-%", [4, 5, 6]),
        ("rate", "eq", "8.250", [1]),
        ("rate", "gt", "8.25", [2, 4, 5]),
        ("rate", "gteq", "8.25", [1, 2, 4, 5]),
        ("rate", "lt", "7.25", [6]),
        ("rate", "lteq", "7.25", [3, 6]),
        ("rate", "eq", "nonsense", []),
        ("region_name", "null", "", [4, 5, 6]),
        ("region_name", "notnull", "1", [1, 2, 3]),
        ("region_name", "neq", "Michigan", [2, 3]),
        ("region_name", "nin", "Michigan", [2, 3]),
        ("region_name", "nlike", "New%", [1, 3]),
        ("code", "finset", "DE", [4]),
        ("code", "regexp", "^GB.VAT$", [5, 6]),
        ("id", "in", "6,2,2", [2, 6]),
        ("id", "gt", "4", [5, 6]),
    ],
)
def test_a_condition_finds_what_the_database_would(
    rates: Api, field: str, condition: str, value: str, ids: list[int]
) -> None:
    assert found(rates, [[(field, condition, value)]]) == ids


def test_filters_of_one_group_are_or_ed_and_groups_and_ed(rates: Api) -> None:
    either = [("code", "eq", "US-MI"), ("code", "eq", "DE")]
    assert found(rates, [either]) == [1, 4]
    assert found(rates, [either, [("tax_country_id", "eq", "US")]]) == [1]


def test_from_and_to_pair_up_in_separate_groups(rates: Api) -> None:
    assert found(rates, [[("rate", "from", "7.25")], [("rate", "to", "8.25")]]) == [1, 3]


def test_a_condition_left_out_is_eq_and_is_echoed_so(rates: Api) -> None:
    answer = rates.get(f"{PATH}?search_criteria[filter_groups][7][filters][3][field]=code"
                       "&search_criteria[filter_groups][7][filters][3][value]=DE"
                       "&search_criteria[page_size]=5")  # fmt: skip
    assert answer.json() == {
        "items": [
            {"id": 4, "tax_country_id": "DE", "rate": 19, "code": "DE"},
        ],
        "search_criteria": {
            "filter_groups": [{"filters": [{"field": "code", "value": "DE", "condition_type": "eq"}]}],
            "page_size": 5,
        },
        "total_count": 1,
    }


def test_everything_is_asked_for_in_two_spellings_and_must_be_asked_for(rates: Api) -> None:
    for query in ("?searchCriteria=", "?searchCriteria=all", "?searchCriteria"):
        answer = rates.get(PATH + query).json()
        assert (answer["total_count"], answer["search_criteria"]) == (6, {"filter_groups": []})
    missing = rates.get(PATH)
    assert (missing.status_code, missing.json()) == (
        400,
        {"message": '"%fieldName" is required. Enter and try again.', "parameters": {"fieldName": "searchCriteria"}},
    )


def test_a_sort_without_direction_is_descending(rates: Api) -> None:
    answer = rates.get(f"{PATH}?searchCriteria[sortOrders][0][field]=rate").json()
    assert [row["id"] for row in answer["items"]] == [5, 4, 2, 1, 3, 6]
    assert answer["search_criteria"]["sort_orders"] == [{"field": "rate", "direction": "DESC"}]


def test_sorts_apply_in_their_order_and_nulls_come_first(rates: Api) -> None:
    assert found(rates, None, [("tax_country_id", "ASC"), ("id", "DESC")]) == [4, 6, 5, 3, 2, 1]
    assert found(rates, None, [("region_name", "ASC"), ("id", "ASC")]) == [4, 5, 6, 3, 1, 2]


@pytest.mark.parametrize(("field", "direction"), [("rate", "UP"), ("rate;drop", "ASC")])
def test_a_sort_that_is_none_is_refused(rates: Api, field: str, direction: str) -> None:
    assert rates.get(PATH + criteria(None, [(field, direction)])).status_code == 400


def test_an_unknown_column_and_an_unknown_condition_break_the_statement(rates: Api) -> None:
    for group in ([("colour", "eq", "red")], [("code", "moreq", "1")]):
        broken = rates.get(PATH + criteria([group]))
        assert broken.status_code == 500
        assert broken.json()["message"].startswith(
            "Internal Error. Details are available in Magento log file. Report ID: webapi-"
        )


def test_pages_without_a_sort_skip_and_repeat_rows(rates: Api) -> None:
    pages = [found(rates, None, None, 2, page) for page in (1, 2, 3)]
    assert pages == [[1, 2], [4, 5], [1, 2]]
    sorted_pages = [found(rates, None, [("id", "ASC")], 2, page) for page in (1, 2, 3)]
    assert sorted_pages == [[1, 2], [3, 4], [5, 6]]


def test_pages_of_equal_rank_skip_and_repeat_rows_too(rates: Api) -> None:
    pages = [found(rates, [[("rate", "gt", "0")]], [("zip_is_range", "ASC")], 2, page) for page in (1, 2, 3)]
    assert pages == [[1, 2], [5, 6], [2, 3]]


def test_a_page_behind_the_last_is_empty_or_on_old_releases_the_last(rates: Api) -> None:
    by_id = [("id", "ASC")]
    assert found(rates, None, by_id, 4, 3) == []
    assert rates.get(PATH + criteria(None, by_id, 4, 3)).json()["total_count"] == 6
    rates.switch(past_the_end="repeat")
    assert found(rates, None, by_id, 4, 3) == [5, 6]


def test_page_0_and_below_are_the_first(rates: Api) -> None:
    for page in ("0", "-3"):
        answer = rates.get(f"{PATH}?searchCriteria[pageSize]=2&searchCriteria[currentPage]={page}").json()
        assert [row["id"] for row in answer["items"]] == [1, 2]


def test_input_limiting_bounds_the_page(rates: Api) -> None:
    rates.switch(input_limiting=True, page_size_max=3, page_size_default=2)
    assert len(rates.get(f"{PATH}?searchCriteria=").json()["items"]) == 2
    refused = rates.get(f"{PATH}?searchCriteria[pageSize]=4")
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": "Maximum SearchCriteria pageSize is %max", "parameters": {"max": 3}},
    )


def test_a_page_size_that_is_no_number_is_told(rates: Api) -> None:
    refused = rates.get(f"{PATH}?searchCriteria[pageSize]=many")
    assert (refused.status_code, refused.json()) == (
        400,
        {
            "message": 'Error occurred during "pageSize" processing. The "many" value\'s type is invalid. '
            'The "int" type was expected. Verify and try again.'
        },
    )


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("total_count", {"total_count": 6}),
        ("items[code],total_count", {"items": [{"code": row[0]} for row in RATES], "total_count": 6}),
        ("code", []),
        ("items[", []),
        ("items]code[", []),
        ("items;code", []),
    ],
)
def test_fields_cut_the_answer(rates: Api, expression: str, answer: Any) -> None:
    cut = rates.get(f"{PATH}?searchCriteria=&fields={expression}")
    assert (cut.status_code, cut.json()) == (200, answer)
