"""Fetch the browser's libraries from npm into dashboard/static/vendor, unmodified, and write down what they are.

Run by `make vendor` on a machine with npm; the result is committed. Versions stand in their folders' names, so
that browsers may keep each file for ever.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

STATIC = Path(__file__).parents[1] / "dashboard" / "static"
VENDOR = STATIC / "vendor"

# package: (version, {file in the package: file here}, licence)
PACKAGES = {
    "htmx.org": (
        "4.0.1",
        {"dist/htmx.min.js": "htmx.min.js", "dist/ext/hx-ptag.min.js": "hx-ptag.min.js"},
        "0BSD",
    ),
    "plotly.js-cartesian-dist-min": ("4.1.1", {"plotly-cartesian.min.js": "plotly-cartesian.min.js"}, "MIT"),
    "@fontsource-variable/inter": (
        "5.3.0",
        {
            "files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
        },
        "OFL-1.1",
    ),
}
ICONS = ("@tabler/icons", "3.51.0")
ICON_NAMES = [
    "alert-circle", "alert-triangle", "api", "arrow-left", "arrow-right", "at", "building",
    "calendar", "chart-line", "check", "chevron-down", "chevron-up", "clock", "columns", "copy", "database-import",
    "download", "file-text", "filter", "folder", "help-circle", "history", "info-circle",
    "key", "layout-dashboard", "list-details", "login", "logout", "mail", "mailbox",
    "menu-2", "pencil", "plug-connected", "plug-connected-x", "plus", "refresh", "search", "selector",
    "send", "settings", "sun-moon", "template", "trash", "upload", "user",
    "users", "webhook", "world", "x",
]  # fmt: skip


def fetch(package: str, version: str, folder: Path) -> Path:
    """Unpack one npm package and return its root."""
    out = subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{package}@{version}"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    archive = folder / out.stdout.strip().splitlines()[-1]
    target = folder / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def short(package: str) -> str:
    """Return the folder's name for a package."""
    return re.sub(r"^@fontsource-variable/|\.org$|\.js-cartesian-dist-min$", "", package)


def make_sprite(root: Path) -> str:
    """Return one SVG with a symbol per icon; the paths are Tabler's."""
    symbols = []
    for name in ICON_NAMES:
        text = (root / "icons" / "outline" / f"{name}.svg").read_text()
        paths = re.findall(r"<(?:path|circle|rect|line)[^>]*/>", text)
        inner = "".join(one for one in paths if 'stroke="none"' not in one)
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _copy_licence(root: Path, folder: Path) -> None:
    for licence in root.glob("LICENSE*"):
        shutil.copy(licence, folder / "LICENSE.txt")


def main() -> None:
    """Fetch everything and rewrite VERSIONS.md."""
    lines = [
        "# Vendored files",
        "",
        "Unmodified files of npm packages; `make vendor` fetches them again.",
        "",
    ]
    lines += ["| file | package | version | licence | sha256 |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as scratch:
        shutil.rmtree(VENDOR, ignore_errors=True)
        for package, (version, files, licence) in PACKAGES.items():
            root = fetch(package, version, Path(scratch))
            assert json.loads((root / "package.json").read_text())["version"] == version
            folder = VENDOR / f"{short(package)}-{version}"
            folder.mkdir(parents=True)
            _copy_licence(root, folder)
            for source, name in files.items():
                shutil.copy(root / source, folder / name)
                digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
                lines.append(f"| {folder.name}/{name} | {package} | {version} | {licence} | `{digest}` |")
        icons = fetch(*ICONS, Path(scratch))
        folder = VENDOR / f"tabler-{ICONS[1]}"
        folder.mkdir()
        _copy_licence(icons, folder)
        sprite = make_sprite(icons)
        (STATIC / "icons.svg").write_text(sprite)
    lines += ["", f"`../icons.svg` is a sprite of outlines from {ICONS[0]} {ICONS[1]} (MIT)."]
    (VENDOR / "VERSIONS.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
