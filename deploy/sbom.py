"""`make sbom`: the list of what production is made of, CycloneDX 1.6 as JSON, from requirements.txt alone.

Every pinned package with its version and the hashes that pip accepts; its licence where the installed package says one.
"""

import sys
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.hash.factories import HashTypeFactory
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

PINS = Path(__file__).resolve().parent.parent / "requirements.txt"
LONGEST_LICENCE = 60  # some packages write the whole text where its name belongs


def pinned(text: str) -> dict[tuple[str, str], list[str]]:
    """Name and version of each package of a lock file, and its hashes, "sha256:…"."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        if "==" in line and not line.lstrip().startswith("#"):
            name, _, version = line.split(";")[0].rstrip(" \\").partition("==")
            found[name.split("[")[0].strip(), version.strip()] = hashes = []
        elif line.lstrip().startswith("--hash="):
            hashes.append(line.strip(" \\").removeprefix("--hash="))
    return found


def licence(name: str) -> License | None:
    """As the installed package says it, None where it says nothing or is not installed here."""
    try:
        about = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return None
    classified = [one.rpartition(" :: ")[2] for one in about.get("classifier", ()) if one.startswith("License ::")]
    said = str(about.get("license_expression") or next(iter(classified), "") or about.get("license") or "")
    return LicenseFactory().make_from_string(said) if 0 < len(said) <= LONGEST_LICENCE else None


def component(name: str, version: str, hashes: list[str]) -> Component:
    url = PackageURL(type="pypi", name=name, version=version)
    known = licence(name)
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        bom_ref=str(url),
        purl=url,
        licenses=[known] if known else [],
        hashes=[HashTypeFactory().from_composite_str(one) for one in hashes],  # of its files, one for each platform
    )


def bom(text: str) -> Bom:
    components = [component(name, version, hashes) for (name, version), hashes in pinned(text).items()]
    product = Component(type=ComponentType.APPLICATION, name="tillbridge", bom_ref="tillbridge")
    made = Bom(components=components)
    made.metadata.component = product
    made.register_dependency(product, components)
    return made


if __name__ == "__main__":
    sys.stdout.write(JsonV1Dot6(bom(PINS.read_text())).output_as_string(indent=2) + "\n")
