"""Countries that the shop knows and their regions, numbered as on every install (apis/magento.md §17)."""

from __future__ import annotations

from ipaas.sandbox.magento.state import Row

COUNTRIES = (
    ("US", "USA", "United States"),
    ("CA", "CAN", "Canada"),
    ("DE", "DEU", "Germany"),
    ("GB", "GBR", "United Kingdom"),
    ("IE", "IRL", "Ireland"),
    ("JP", "JPN", "Japan"),
    ("NL", "NLD", "Netherlands"),
)
US = (  # in the order of their ids, from 1
    "AL Alabama|AK Alaska|AS American Samoa|AZ Arizona|AR Arkansas|AE Armed Forces Africa|AA Armed Forces Americas|"
    "AE Armed Forces Canada|AE Armed Forces Europe|AE Armed Forces Middle East|AP Armed Forces Pacific|CA California|"
    "CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|FM Federated States Of Micronesia|FL Florida|"
    "GA Georgia|GU Guam|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|"
    "MH Marshall Islands|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|"
    "NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|"
    "MP Northern Mariana Islands|OH Ohio|OK Oklahoma|OR Oregon|PW Palau|PA Pennsylvania|PR Puerto Rico|RI Rhode Island|"
    "SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VI Virgin Islands|VA Virginia|"
    "WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"
)
CA = (
    "AB Alberta|BC British Columbia|MB Manitoba|NL Newfoundland and Labrador|NB New Brunswick|NS Nova Scotia|"
    "NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|"
    "YT Yukon Territory"
)
DE = (
    "NDS Niedersachsen|BAW Baden-Württemberg|BAY Bayern|BER Berlin|BRG Brandenburg|BRE Bremen|HAM Hamburg|HES Hessen|"
    "MEC Mecklenburg-Vorpommern|NRW Nordrhein-Westfalen|RHE Rheinland-Pfalz|SAR Saarland|SAS Sachsen|"
    "SAC Sachsen-Anhalt|SCN Schleswig-Holstein|THE Thüringen"
)
FIRST_REGION = {"US": 1, "CA": 66, "DE": 79}
NAMES = {"US": US, "CA": CA, "DE": DE}


def country_rows() -> list[Row]:
    """A row for each country, its `information` as the API tells it: region ids are text there."""
    return [{"code": code, "information": _information(code, three, name)} for code, three, name in COUNTRIES]


def regions(country: str) -> list[Row]:
    """The regions of a country: `{"id": int, "code", "name"}`; none where any text may be given."""
    texts = NAMES[country].split("|") if country in NAMES else []
    pairs = (text.split(" ", 1) for text in texts)
    first = FIRST_REGION.get(country, 0)
    return [{"id": first + number, "code": code, "name": name} for number, (code, name) in enumerate(pairs)]


def _information(code: str, three: str, name: str) -> Row:
    listed = [{**region, "id": str(region["id"])} for region in regions(code)]
    answer: Row = {
        "id": code,
        "two_letter_abbreviation": code,
        "three_letter_abbreviation": three,
        "full_name_locale": name,
        "full_name_english": name,
    }
    return answer | ({"available_regions": listed} if listed else {})
