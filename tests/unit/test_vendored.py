"""Files of others that browsers get from us: each listed with its version and licence, and none from elsewhere."""

import json
import re
from pathlib import Path

from connections.icons import LUCIDE, lucide
from connections.templatetags.tillbridge import CHIPS
from syncjobs.templatetags.shell import TABS

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static/vendor"
LISTED = {row["folder"]: row for row in json.loads((VENDOR / "vendored.json").read_text())}
TAG = re.compile(r"""\{% icon "([\w-]+)""")
ICONS = {path.stem for path in (VENDOR / "lucide").glob("*.svg")}


def test_every_folder_is_listed_with_version_licence_and_what_was_changed() -> None:
    assert {path.name for path in VENDOR.iterdir() if path.is_dir()} == set(LISTED)
    for folder, row in LISTED.items():
        assert set(row) == {"folder", "name", "version", "licence", "changed"}, folder
        assert re.fullmatch(r"\d+(\.\d+)+", row["version"]), folder
        assert row["changed"], folder


def test_every_licence_lies_beside_what_it_is_of() -> None:
    signs = {"OFL-1.1": "SIL OPEN FONT LICENSE", "ISC": "ISC License", "MIT": "Permission is hereby granted",
             "Apache-2.0": "Apache License"}  # fmt: skip
    for folder, row in LISTED.items():
        assert signs[row["licence"]] in (VENDOR / folder / "LICENSE").read_text(), folder


def test_scripts_and_fonts_carry_their_version_so_that_browsers_may_keep_them() -> None:
    files = [path for path in VENDOR.rglob("*") if path.suffix in {".js", ".css", ".woff2"}]
    assert len(files) >= 3
    for path in files:
        version = LISTED[path.parent.name]["version"]
        named = re.search(r"-(\d+(?:\.\d+)+)\.\w+$", path.name)
        assert named, path
        assert version.startswith(named[1]), path


def test_nothing_vendored_asks_another_host() -> None:
    for path in VENDOR.rglob("*.js"):
        assert re.findall(r"(?:src|href|import|fetch)\s*[=(]\s*[\"']https?:", path.read_text()) == [], path


def test_every_icon_that_pages_name_is_there_and_every_file_is_an_icon() -> None:
    named = {name for path in (ROOT / "templates").rglob("*.html") for name in TAG.findall(path.read_text())}
    named |= {picture for _, picture, _ in CHIPS.values()} | {picture for _, picture in TABS.values()} | set(LUCIDE)
    assert {lucide(name) for name in named - {"mark"}} - ICONS == set()
    for name in ICONS:
        text = (VENDOR / "lucide" / f"{name}.svg").read_text()
        assert 'viewBox="0 0 24 24"' in text, name
        assert "<script" not in text, name
