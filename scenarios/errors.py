"""The mistakes of a scenario file, and the error of a refused one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


@dataclass(frozen=True, order=True)
class ScenarioMistake:
    """One mistake: the file as given, the line (from 1), the field, and what would be right."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.field}: {self.message}"


class PresetDoesNotFit(DomainError):
    """An office lacks what a preset needs, such as a base, or the screen cannot preview one of its sections."""

    code = "preset_does_not_fit"
    http_status = 409
    message = _(
        "Preset ini tidak cocok untuk kantor ini: jalur, kelompok atau kuota dasarnya belum lengkap. "
        "Tetapkan kuotanya lebih dulu, atau minta pengelola sistem memuatnya."
    )


class ScenarioRefused(DomainError):
    """A scenario file has mistakes; nothing was loaded."""

    code = "scenario_refused"
    message = _("Berkas skenario berisi kesalahan; tidak ada yang dimuat.")

    def __init__(self, *, mistakes: Sequence[ScenarioMistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__()
