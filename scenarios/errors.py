"""The error of a refused scenario."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ScenarioRefused(DomainError):
    """A scenario file has mistakes; nothing was loaded. `mistakes` have file, line and field."""

    code = "scenario_refused"
    message = _("Berkas skenario berisi kesalahan; tidak ada yang dimuat.")

    def __init__(self, *, mistakes: Sequence[object]) -> None:
        self.mistakes = list(mistakes)
        super().__init__()
