"""Uploading an export of a provider's events."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, BinaryIO, cast

from flask_wtf.file import FileField, FileRequired
from wtforms import ValidationError

from dashboard.forms.base import PageForm
from dashboard.providers import exports
from dashboard.providers.base import Adapter, Unreadable
from dashboard.services.uploads import Upload

MAX_NAME = 120  # characters kept of a file's name


class UploadForm(PageForm):
    """A file of one provider's events."""

    file = FileField("File", [FileRequired("Choose a file.")])

    def __init__(self, adapter: Adapter, now: datetime, **values: Any) -> None:
        super().__init__(**values)
        self._adapter, self._now = adapter, now

    def validate_file(self, field: FileField) -> None:
        """Take what looks like events of the provider, as far as its beginning tells."""
        try:
            exports.check(self._adapter, field.data.stream, self._now)
        except Unreadable as error:
            raise ValidationError(str(error)) from error

    def upload(self, source_id: int) -> Upload:
        """Return what was uploaded."""
        name = re.split(r"[/\\]", self.file.data.filename)[-1]
        shown = "".join(char for char in name if char.isprintable())[:MAX_NAME]
        return Upload(source_id, shown or "upload", cast(BinaryIO, self.file.data.stream))
