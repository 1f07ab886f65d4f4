"""What docs/ says of security is kept true: every test, file and setting it names exists, and nothing is left out."""

import ast
import re
from collections import Counter
from pathlib import Path
from textwrap import indent

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ["docs/threat-model.md", "docs/attacks.md", "docs/asvs.md"]
MUTATIONS = "docs/mutations.md"
CASES_OF_MAGENTO = "docs/cases-magento.md"
CASES_OF_MONEY = "docs/cases-money.md"
ATTACKS = range(1, 29)  # rows of GUARANTEES.md, §3
STATES = ("**Held**", "**Partly**", "**Not met**", "**Operator**", "**None here**")
# OWASP ASVS 5.0.0: section → the level of each of its requirements, in their order.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
REQUIREMENTS = {
    f"{section}.{number}": int(level) for section, levels in LEVELS.items() for number, level in enumerate(levels, 1)
}
ABOUT_SECRETS = ("11.", "13.1.4", "13.3.")  # level 3 too

CITED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:[\w.@-]+/)*[\w@-]+(?:\.[\w@-]+)*/?")
SETTING = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
ROOMS = tuple(f"{one.name}/" for one in ROOT.iterdir() if one.is_dir())
COMMANDS = {one.stem for one in ROOT.glob("*/management/commands/*.py")} | {"check"}  # Django's own


def missing(text: str) -> list[str]:
    """What a document names and the repository does not hold."""
    return [one for one in CITED.findall(text) if not _is_there(one)]


def _is_there(cited: str) -> bool:
    path, _, name = cited.partition("::")
    if name:
        return (ROOT / path).is_file() and name in _tests(ROOT / path)
    if path.startswith("manage.py "):
        return path.split()[1] in COMMANDS
    if SETTING.fullmatch(path):
        return any(path in (ROOT / "ipaas" / one).read_text() for one in ("settings.py", "environment.py"))
    if path.startswith(ROOMS) or path.endswith((".md", ".py", ".txt", ".toml")):
        return PATH.fullmatch(path) is not None and (ROOT / path).exists()
    return True  # a word of another kind


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


def rows(document: str) -> list[list[str]]:
    """The cells of each line of its tables that begins with a number."""
    lines = (ROOT / document).read_text().splitlines()
    tables = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("|")]
    return [cells for cells in tables if re.fullmatch(r"[\d.]+", cells[0])]


@pytest.mark.parametrize("document", [*DOCUMENTS, MUTATIONS, CASES_OF_MAGENTO, CASES_OF_MONEY])
def test_what_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text()
    assert CITED.findall(text)
    assert missing(text) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "tests/unit/test_documents.py::test_of_a_wrong_name",
        "tests/unit/test_document.py::test_a_wrong_name_is_told",
        "tests/unit/test_document.py",
        "ipaas/setting.py",
        "deploy/apache/",
        "SECURE_COOKIES_SECONDS",
        "manage.py verify_all",
    ],
)
def test_a_wrong_name_is_told(wrong: str) -> None:
    right = "`tests/unit/test_documents.py::test_a_wrong_name_is_told`, `ipaas/settings.py`, `SECURE_HSTS_SECONDS`"
    assert missing(f"{right}, `manage.py verify_trail`, `deploy/nginx/`, `__Host-`; `{wrong}`") == [wrong]


def test_every_attack_has_its_row() -> None:
    table = rows("docs/attacks.md")
    assert [cells[0] for cells in table] == [str(number) for number in ATTACKS]
    for number, _, control, tests in table:
        assert CITED.search(control), number
        assert "::" in tests or "tests/" in tests, number


def test_what_was_taken_out_is_of_a_row_that_names_the_test() -> None:
    tests = {number: cell for number, _, _, cell in rows("docs/attacks.md")}
    assert MUTATIONS in (ROOT / "docs/attacks.md").read_text()
    for number, taken_out, failed in rows(MUTATIONS):
        assert CITED.search(taken_out), taken_out
        named = [one for one in CITED.findall(failed) if "::" in one]
        assert named, taken_out
        assert [one for one in named if one not in tests[number]] == [], number


def test_every_case_of_magento_names_its_test_or_the_issue_that_it_waits_for() -> None:
    lines = (ROOT / CASES_OF_MAGENTO).read_text().splitlines()
    table = [[cell.strip() for cell in one.strip("|").split(" | ")] for one in lines if one.startswith("| M")]
    numbers = [*range(1, 22), *range(32, 36)]
    assert [cells[0] for cells in table] == [f"M{number:02}" for number in numbers]
    for number, _, held in table:
        assert "::" in held or held == "*Money issue*", number


def test_every_case_of_people_and_money_has_its_row_and_a_test() -> None:
    lines = (ROOT / CASES_OF_MONEY).read_text().splitlines()
    table = [[cell.strip() for cell in one.strip("|").split(" | ")] for one in lines if re.match(r"\| [A-Z]\d", one)]
    most = {"K": 10, "R": 15, "P": 17, "G": 14, "L": 7}
    assert [cells[0] for cells in table] == [
        f"{kind}{number:02}" for kind, last in most.items() for number in range(1, last + 1)
    ]
    assert [cells[0] for cells in table if "::" not in cells[2]] == []


def test_the_standards_numbers_are_these() -> None:
    assert Counter(REQUIREMENTS.values()) == {1: 70, 2: 183, 3: 92}


def test_every_requirement_has_an_answer() -> None:
    table = rows("docs/asvs.md")
    answered = {number: int(level) for number, level, _, _ in table}
    assert len(answered) == len(table)
    assert answered.items() <= REQUIREMENTS.items()
    asked = {one for one, level in REQUIREMENTS.items() if level < 3 or one.startswith(ABOUT_SECRETS)}
    assert asked - answered.keys() == set()
    for number, _, _, answer in table:
        assert answer.startswith(STATES), number


@pytest.mark.parametrize("guide", ["README.md", "ARCHITECTURE.md"])
def test_guides_lead_to_them(guide: str) -> None:
    text = (ROOT / guide).read_text()
    assert [one for one in DOCUMENTS if one not in text] == []


def test_every_setting_has_its_row() -> None:
    """Of what is read from the environment only what tests alone set is not there."""
    read = re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', (ROOT / "ipaas/settings.py").read_text())
    table = (ROOT / "README.md").read_text().partition("## Settings")[2].partition("\n\nProduction:")[0]
    rows_of = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in CITED.findall(row)}
    assert len(set(read)) > 30
    assert set(read) - rows_of == {"DJANGO_TEST_DB"}


CONNECTOR = (ROOT / "README.md").read_text().partition("## How to add a connector")[2]
EXAMPLE = ROOT / "tests/stores/shelf"


def test_what_the_way_to_a_connector_names_is_there() -> None:
    text = CONNECTOR.replace("<kind>", "bigcommerce")
    assert len(re.findall(r"`(?:connections|mappings|syncjobs|ipaas|tests)/", text)) > 20
    assert missing(text) == []


def test_what_is_quoted_of_the_example_stands_in_it() -> None:
    (quoted,) = re.findall(r"```python\n(.*?)```", CONNECTOR, re.DOTALL)
    assert without_gaps(indent(quoted, "    ")) in without_gaps((EXAMPLE / "levels.py").read_text())


def without_gaps(text: str) -> str:
    """The formatter sets a method apart from the next by more where it stands alone."""
    return re.sub(r"\n{2,}", "\n", text)


GUIDES = ["ARCHITECTURE.md", "README.md"]
ENVIRONMENT = re.compile(r'(?:env\.\w+|production_value)\(\s*"([A-Z_]+)"')
NOT_OURS = {"DJANGO_TEST_DB"}  # tests' own
OF_A_LIBRARY = {"OTEL_EXPORTER_OTLP_HEADERS"}  # which reads it itself


@pytest.mark.parametrize("name", GUIDES)
def test_every_file_that_a_guide_names_is_there(name: str) -> None:
    """By the end of its path: within a paragraph its room is not repeated."""
    files = [f"/{path.relative_to(ROOT)}" for path in ROOT.rglob("*.py") if ".venv" not in path.parts]
    cited = [one for one in CITED.findall((ROOT / name).read_text()) if one.endswith(".py") and PATH.fullmatch(one)]
    assert [one for one in cited if not any(file.endswith(f"/{one}") for file in files)] == []


def test_every_setting_stands_in_the_readme_and_nothing_else() -> None:
    code = "".join((ROOT / "ipaas" / one).read_text() for one in ("settings.py", "environment.py"))
    told = (ROOT / "README.md").read_text().partition("## Settings")[2].partition("\nProduction:")[0]
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| `")]
    named = {one for row in rows for one in re.findall(r"`([A-Z_]+)`", row)}
    assert named == set(ENVIRONMENT.findall(code)) - NOT_OURS
    assert set(re.findall(r"`([A-Z_]+)`", told)) - named >= OF_A_LIBRARY
