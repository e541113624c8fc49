"""Finds the browser for the browser tests."""

import os
import shutil
from pathlib import Path

HOW_TO_GET = "No Chromium here, so the browser tests were not collected. Get it with: apt-get install chromium"


def find_chromium() -> str | None:
    """Return the path of the browser: CHROMIUM, the system's, or the one installed by Playwright."""
    for candidate in (os.environ.get("CHROMIUM", ""), "/usr/bin/chromium"):
        if candidate and Path(candidate).exists():
            return candidate
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        path = shutil.which(name)
        if path:
            return path
    kept = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    bundled = sorted(kept.glob("chromium-*/chrome-linux*/chrome"))
    return str(bundled[-1]) if bundled else None
