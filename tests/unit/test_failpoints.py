"""A place that is armed ends the process there, and only there."""

import subprocess
import sys
from pathlib import Path

STORY = "from ipaas.failpoints import passing\nfor n in range(3): passing('a'); passing('b'); print(n)"


def story(failpoint: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", STORY], env={"FAILPOINT": failpoint}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.replace("\n", "")


def test_unarmed_and_elsewhere_armed_places_are_passed() -> None:
    assert story("") == story("c") == (0, "012")


def test_a_place_ends_the_process_at_its_passage_without_flushing_anything() -> None:
    assert story("b:2") == (137, "")


def test_a_file_arms_a_place_once(tmp_path: Path) -> None:
    file = tmp_path / "armed"
    file.write_text("a:3\n")
    assert story(f"@{file}") == (137, "")
    assert not file.exists()
    assert story(f"@{file}") == (0, "012")
