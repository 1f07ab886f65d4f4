"""The columns of the list of runs: how each is called, on the page and in a file, and what stands in it."""

from collections.abc import Callable
from dataclasses import dataclass

from syncjobs.bulk.run_progress import group_of
from syncjobs.models import Run
from syncjobs.pages.runs.run_filters import SUBJECTS


@dataclass(frozen=True, kw_only=True)
class RunColumn:
    """One column. `text` answers what a file says; templates draw what a page says by the key."""

    key: str
    label: str
    text: Callable[[Run], str]
    is_usual: bool = True
    is_number: bool = False


def subject_of(run: Run) -> str:
    return SUBJECTS[group_of(run)]


def _took(run: Run) -> str:
    return str(round((run.finished_at - run.started_at).total_seconds())) if run.finished_at else ""


COLUMNS = (
    RunColumn(key="subject", label="Of", text=subject_of),
    RunColumn(key="started", label="Started", text=lambda run: run.started_at.isoformat(timespec="seconds")),
    RunColumn(key="by", label="By", text=lambda run: run.started_by.email if run.started_by else "Tillbridge"),
    RunColumn(key="state", label="State", text=lambda run: run.get_state_display()),
    RunColumn(key="records", label="Records", text=lambda run: str(run.done), is_number=True),
    RunColumn(key="total", label="Of all", text=lambda run: str(run.total or ""), is_usual=False, is_number=True),
    RunColumn(key="took", label="Seconds", text=_took, is_usual=False, is_number=True),
    RunColumn(key="did", label="What it did", text=lambda run: run.sentence),
)
BY_KEY = {column.key: column for column in COLUMNS}
KEYS = tuple(BY_KEY)
USUAL = tuple(column.key for column in COLUMNS if column.is_usual)
