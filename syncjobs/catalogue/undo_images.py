"""Walking through the images that a run of items left, product by product; each direction puts back in its own way."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils import timezone

from connections.models import Connection
from syncjobs.bulk.run_walk import Walk
from syncjobs.bulk.undoing_runs import undo_words, undone_of
from syncjobs.catalogue.choices import item_settings, policy_of
from syncjobs.models import BeforeImage, Run


@dataclass(kw_only=True)
class UndoImagesWalk(Walk):
    """Through the images of the run that is undone; the checkpoint is the last one that is through."""

    at_once: ClassVar[int]  # products

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settings = item_settings(self.connection)
        self.policy = policy_of(self.settings)

    @classmethod
    def obstacle(cls, connection: Connection) -> str:
        return ""

    @classmethod
    def prepared(cls, connection: Connection, parameters: dict[str, Any]) -> dict[str, Any]:
        undone_of(connection, parameters, timezone.now())
        return parameters

    @staticmethod
    def sentence(run: Run) -> str:
        return undo_words(run, "product")

    def go(self) -> bool:
        images = BeforeImage.objects.filter(run_id=self.run.parameters["of"])
        if self.run.total is None:
            self.run.total = images.count()
            self.run.save(update_fields=["total"])
        while rows := list(images.filter(pk__gt=int(self.run.checkpoint or 0)).order_by("pk")[: self.at_once]):
            self.lease.extend()
            self._put_back(rows)
            if not self.checkpoint(str(rows[-1].pk)) or self.is_over:
                return False
        return True

    @abstractmethod
    def _put_back(self, rows: list[BeforeImage]) -> None:
        """Work a batch; one that failed is begun anew: what is back already then needs nothing."""
