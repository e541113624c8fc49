"""What the settings name comes from a package of the lock file."""

import re
from importlib.metadata import packages_distributions

from django.conf import settings

from tests.architecture.sources import ROOT

LOCK = ROOT / "requirements" / "runtime.txt"


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_packages_named_in_settings_are_in_the_lock_file() -> None:
    """deptry does not read strings, and an old environment may still have a removed package."""
    locked = {
        normalised(match[1])
        for match in re.finditer(r"^([\w.-]+)(?:\[[^]]*\])?==", LOCK.read_text(), re.MULTILINE)
    }
    named = {name.split(".")[0] for name in (*settings.INSTALLED_APPS, *settings.MIDDLEWARE)}
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    distributions = packages_distributions()
    missing = {
        name
        for name in named - ours
        if not locked & {normalised(one) for one in distributions.get(name, [])}
    }
    assert not missing
