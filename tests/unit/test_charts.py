"""Charts of the server: what they draw, what they say in words, and that they hold no code of others."""

import re
from xml.etree import ElementTree

from connections.charts import Bar, Column, Series, bars, share_bar, sparkline, time_chart

SERIES = (Series(key="booked", label="Booked", tone="ok"), Series(key="held", label="Needs you", tone="warn"))


def drawn(text: str) -> ElementTree.Element:
    """The markup as a tree; fails where it is not well-formed."""
    return ElementTree.fromstring(f"<all>{text}</all>")  # noqa: S314 – ours


def test_a_sparkline_runs_from_zero_to_the_highest_value() -> None:
    picture = drawn(sparkline([0, 5, 10], "Orders: 0 to 10"))[0]
    assert picture.get("aria-label") == "Orders: 0 to 10"
    assert picture.find("polyline").get("points") == "2.5,25.5 60.0,14.0 117.5,2.5"  # type: ignore[union-attr]
    dot = picture.find("circle")
    assert dot is not None
    assert (dot.get("cx"), dot.get("cy")) == ("117.5", "2.5")


def test_a_sparkline_of_nothing_is_words_and_one_of_zeros_lies_at_the_bottom() -> None:
    assert "no data yet" in sparkline([], "Orders")
    assert re.findall(r'polyline points="([^"]*)"', sparkline([0, 0], "Orders")) == ["2.5,25.5 117.5,25.5"]
    assert re.findall(r'polyline points="([^"]*)"', sparkline([3], "Orders")) == ["2.5,2.5 117.5,2.5"]


def test_bars_are_as_long_as_their_part_of_the_longest() -> None:
    rows = [Bar(label="Web", value=200, text="$200.00", href="/sales/"), Bar(label="Shop", value=50, text="$50.00")]
    made = drawn(bars(rows))
    assert [rect.get("width") for rect in made.iter("rect")] == ["100", "100.0", "100", "25.0"]
    assert ["".join(row.itertext()) for row in made.iter("li")] == ["Web$200.00", "Shop$50.00"]
    assert [link.get("href") for link in made.iter("a")] == ["/sales/"]
    zero = drawn(bars([Bar(label="Web", value=0, text="0")]))
    assert [rect.get("width") for rect in zero.iter("rect")] == ["100", "0.0"]


def test_a_share_bar_is_full_and_says_each_part() -> None:
    parts = [Bar(label="Booked", value=3, text="3", tone="ok"), Bar(label="Needs you", value=1, text="1", tone="warn")]
    made = drawn(share_bar(parts, "3 booked, 1 needs you"))
    shown = [(rect.get("x"), rect.get("width")) for rect in made.iter("rect")][1:]
    assert shown == [("0.00", "75.00"), ("75.00", "25.00")]
    assert [title.text for title in made.iter("title")] == ["Booked: 3", "Needs you: 1"]


def test_a_time_chart_stacks_its_series_and_has_every_number_in_a_table() -> None:
    columns = [
        Column(label="09:00", counts={"booked": 6, "held": 2}, href="/orders/?hour=9"),
        Column(label="10:00"),
        Column(label="11:00", counts={"booked": 4}),
    ]
    made = drawn(time_chart(columns, SERIES, "Orders by hour"))
    layers = [rect for rect in made.iter("rect") if rect.get("class", "").startswith("tone-")]
    assert [(rect.get("class"), rect.get("y"), rect.get("height")) for rect in layers] == [
        ("tone-ok", "28.00", "72.00"),
        ("tone-warn", "4.00", "24.00"),
        ("tone-ok", "52.00", "48.00"),
    ]
    titles = [title.text for title in made.iter("title")]
    assert titles == ["09:00: 6 Booked, 2 Needs you", "10:00: none", "11:00: 4 Booked"]
    cells = [[cell.text for cell in row.iter("td")] for row in made.iter("tr")][1:]
    assert cells == [["6", "2"], ["0", "0"], ["4", "0"]]
    legend = [
        " ".join("".join(one.itertext()).split()) for one in made.iter("span") if "legend" in one.get("class", "")
    ]
    assert legend == ["Booked 10", "Needs you 2"]


def test_what_merchants_call_things_is_no_markup() -> None:
    name = '<script>alert("x")</script>'
    rows = [Bar(label=name, value=1, text=name, href='"><b>')]
    column = Column(label=name, counts={"booked": 1})
    for text in (bars(rows), share_bar(rows, name), sparkline([1], name), time_chart([column], SERIES, name)):
        assert "<script" not in text
        assert '"><b>' not in text
