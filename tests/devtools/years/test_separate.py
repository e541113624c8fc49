"""The forecast is measured with the invented years, so nothing outside devtools may know them."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
PRODUCT = ("reports", "counters", "booking", "quotas", "offices", "core", "privacy", "ops")


def test_no_module_of_the_product_imports_the_years() -> None:
    sources = [path for app in PRODUCT for path in (ROOT / app).rglob("*.py")]
    assert len(sources) > 300
    assert [path for path in sources if "devtools" in path.read_text()] == []
