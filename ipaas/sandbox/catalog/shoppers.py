"""`customers(seed)`: 150 people as shops really have them.

* Number 1-90 are in both systems, 91-120 only in the POS, 121-150 only in the web shop.
* Every 5th spells the e-mail in another letter case in the POS, every 7th has none there.
* Phones come in six spellings; the POS spells them in its own way.
* 31 and 32 share a phone (a couple), 41 and 42 share an e-mail in the POS but not in the web shop.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from random import Random

from ipaas.sandbox.catalog.model import BIGCOMMERCE_ONLY, BOTH, HEARTLAND_ONLY, Address, Customer, System

COUNT = 150

NAMES = (
    ("Ana", "Lopez"),
    ("Ben", "Okafor"),
    ("Chloé", "Lefèvre"),
    ("Dmitri", "Волков"),
    ("Eilidh", "MacLeod"),
    ("Fatima", "al-Rashid"),
    ("Grace", "O'Brien"),
    ("Håkon", "Sørensen"),
    ("Ingrid", "Müller"),
    ("José", "Núñez"),
    ("健", "佐藤"),
    ("Łukasz", "Żółkiewski"),
    ("Mary Anne", "St. John"),
    ("Noor", "van der Berg"),
    ("Oğuz", "Çelik"),
    ("Priya", "Raghunathan"),
    ("Quinn", "Nguyễn"),
    ("Rósa", "Jónsdóttir"),
    ("Seán", "Ó Súilleabháin"),
    ("Tadeáš", "Dvořák"),
    ("Uma", "Iyer"),
    ("Victoria", "Smith-Jones"),
    ("William", "Ng"),
    ("Xóchitl", "Ramírez"),
    ("Yusuf", "Demir"),
    ("Zoë", "Fitzgerald"),
    ("Abe", "Li"),
    ("Beatriz", "da Conceição"),
    ("Cody", "Hart"),
    ("Δήμητρα", "Παππά"),
)
MIDDLE = ("", "Jo", "Lee", "Rae", "Kai")

PLACES = (
    ("12 Elm St", "Austin", "Texas", "TX", "78701", "512"),
    ("400 Lakeview Dr", "Dallas", "Texas", "TX", "75201", "214"),
    ("88 Market Street", "San Francisco", "California", "CA", "94103", "415"),
    ("7 Ocean Ave", "Santa Cruz", "California", "CA", "95060", "831"),
    ("210 W 83rd St", "New York", "New York", "NY", "10024", "212"),
    ("5 Main Street", "Ithaca", "New York", "NY", "14850", "607"),
    ("1 Pine Way", "Seattle", "Washington", "WA", "98101", "206"),
    ("33 Harbor Rd", "Portland", "Oregon", "OR", "97205", "503"),
    ("19 Birch Ln", "Bend", "Oregon", "OR", "97701", "541"),
    ("6 Granite Ct", "Concord", "New Hampshire", "NH", "03301", "603"),
    ("500 N Michigan Ave", "Chicago", "Illinois", "IL", "60611", "312"),
    ("77 Bay St", "Mobile", "Alabama", "AL", "36602", "251"),
    ("9 Camelback Rd", "Phoenix", "Arizona", "AZ", "85012", "602"),
    ("41 Peachtree St", "Atlanta", "Georgia", "GA", "30303", "404"),
    ("2 Beacon St", "Boston", "Massachusetts", "MA", "02108", "617"),
    ("14 Duval St", "Key West", "Florida", "FL", "33040", "305"),
)
ABROAD = (
    Address(
        line_1="220 King St W",
        city="Toronto",
        state="Ontario",
        state_code="ON",
        postal_code="M5H 1K4",
        country="Canada",
        country_code="CA",
    ),
    Address(
        line_1="14 Baker Street",
        line_2="Flat 2",
        city="London",
        state="Greater London",
        state_code="",
        postal_code="NW1 6XE",
        country="United Kingdom",
        country_code="GB",
    ),
    Address(
        line_1="Torstraße 9",
        city="Berlin",
        state="Berlin",
        state_code="BE",
        postal_code="10119",
        country="Germany",
        country_code="DE",
    ),
    Address(
        line_1="神宮前 1-2-3",
        city="渋谷区",
        state="東京都",
        state_code="13",
        postal_code="150-0001",
        country="Japan",
        country_code="JP",
    ),
)
PHONES = ("{a}{b}{c}", "({a}) {b}-{c}", "{a}-{b}-{c}", "+1 {a} {b} {c}", "1.{a}.{b}.{c}", "{a} {b} {c} ext. 7")
POS_PHONES = ("{a}-{b}-{c}", "{a}{b}{c}", "({a}) {b}-{c}")


@lru_cache(maxsize=4)
def customers(seed: int = 1) -> tuple[Customer, ...]:
    """The 150 customers, numbered from 1, equal for equal seeds."""
    rng = Random(f"customers {seed}")
    made = [_customer(number, rng) for number in range(1, COUNT + 1)]
    made[31] = replace(made[31], phone=made[30].phone, pos_phone=made[30].pos_phone)
    made[41] = replace(made[41], pos_email=made[40].pos_email)
    return tuple(made)


def _customer(number: int, rng: Random) -> Customer:
    first, last = NAMES[(number - 1) % len(NAMES)]
    middle = MIDDLE[(number - 1) // len(NAMES)]
    first = f"{first} {middle}".strip()
    address, area = _address(number, rng)
    parts = {"a": area, "b": "555", "c": f"{number:04d}"}
    email = f"shopper{number}@example.com" if not last.isascii() else _email(first, last, number)
    return Customer(
        number=number,
        first_name=first,
        last_name=last,
        email=email,
        pos_email=_pos_email(email, number),
        phone=PHONES[number % len(PHONES)].format(**parts),
        pos_phone=POS_PHONES[number % len(POS_PHONES)].format(**parts),
        company="Pine County Guides" if number % 19 == 0 else "",
        addresses=(address, _address(number + 5, rng)[0]) if number % 4 == 0 else (address,),
        systems=_systems(number),
        store_credit=Decimal("25.00") if number % 10 == 0 else Decimal(0),
    )


def _email(first: str, last: str, number: int) -> str:
    letters = f"{first[:1]}.{last}".lower()
    name = "".join(letter for letter in letters if letter.isascii() and (letter.isalnum() or letter == "."))
    return f"{name.strip('.')}{number}@example.com"


def _pos_email(email: str, number: int) -> str:
    if number % 7 == 0:
        return ""
    return email.replace("@example", "@Example").capitalize() if number % 5 == 0 else email


def _systems(number: int) -> frozenset[System]:
    if number <= 90:
        return BOTH
    return HEARTLAND_ONLY if number <= 120 else BIGCOMMERCE_ONLY


def _address(number: int, rng: Random) -> tuple[Address, str]:
    if number % 25 == 0:
        return ABROAD[number // 25 % len(ABROAD)], "416"
    street, city, state, code, postal, area = PLACES[number % len(PLACES)]
    line_2 = rng.choice(("", "", "", "Apt 4B", "Suite 210", "Unit #7"))
    return Address(
        line_1=street,
        line_2=line_2,
        city=city,
        state=state,
        state_code=code,
        postal_code=postal,
        country="United States",
        country_code="US",
    ), area
