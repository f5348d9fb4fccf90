"""Uploading a file, and looking for files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, cast

from flask_wtf.file import FileField, FileRequired

from dashboard.forms.base import PageForm
from dashboard.forms.searches import read_choice, read_text
from dashboard.services.files import Upload
from dashboard.vocabulary.files import FileFilter, FileKind


class FileForm(PageForm):
    """One file."""

    file = FileField("File", [FileRequired("Choose a file.")])

    def upload(self) -> Upload:
        """Return what was uploaded."""
        return Upload(self.file.data.filename, cast(BinaryIO, self.file.data.stream))


def read_file_filter(arguments: Mapping[str, str]) -> FileFilter:
    """Return which files are asked for; raises Invalid."""
    return FileFilter(read_text(arguments), read_choice(arguments, "kind", FileKind))
