"""Uploads: small lists that people bring. What is larger is not read, neither to memory nor to disk."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

LARGEST_UPLOAD = 3 * 2**20  # bytes of a whole form with its files


class BoundedUpload(MemoryFileUploadHandler):
    """Keeps a file in memory; stops where the form says to be larger than the limit, or turns out to be.

    Raises RequestDataTooBig.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        self._check(content_length)
        self.received = 0
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        self._check(self.received)
        return super().receive_data_chunk(raw_data, start)

    def _check(self, size: int) -> None:
        if size > LARGEST_UPLOAD:
            raise RequestDataTooBig(f"The form is larger than {LARGEST_UPLOAD} bytes.")
