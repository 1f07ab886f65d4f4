"""The documentation builds without a warning, holds a page for each tab, and fetches nothing from elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

from tests.codes import ROOT

TABS = (
    "dashboard", "orders", "items", "inventory", "fulfilment", "errors", "connect", "first-run", "proof", "team",
    "alerts", "books", "cards", "customers", "loyalty",
)  # fmt: skip
FETCHED = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//([^/\"' >]+)")


def test_it_builds_strictly_and_fetches_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 20
    hosts = {host for page in pages for host in FETCHED.findall(page.read_text())}
    assert hosts == set()


def test_each_tab_has_its_page() -> None:
    assert sorted(path.stem for path in (ROOT / "docs/merchant").glob("*.md")) == sorted(
        [*TABS, "start", "account", "glossary"]
    )
