"""The scene requested on the page: written by the web server, run by a worker.

The request is a file in the data folder, so that neither a crash of the worker nor of Redis loses it,
and no table of the product knows of the demo. A file lock shows whether a worker is at it.
"""

import fcntl
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import structlog
from django.utils import translation
from django.utils.translation import gettext as _

from core import clock
from core.errors import Busy, DomainError
from devtools.stack.state import data_dir, write_private
from devtools.trial.scenes import BY_CODE, NoScene
from offices.directory.models import Office

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
ATTEMPTS: Final = 3
# A worker looks every two seconds; after this long without one the page says that none answers.
SILENCE_SECONDS: Final = 20

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """One press of a button, and how far it got. `at` is the machine's time of the last change."""

    key: str
    scene: str
    office: str
    state: str
    at: float
    language: str = "id"
    begun_at: float = 0.0
    attempts: int = 0
    steps: tuple[str, ...] = ()
    answer: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in (WAITING, RUNNING)

    @property
    def is_silent(self) -> bool:
        """True if no worker has begun it for longer than one needs to notice it."""
        return self.state == WAITING and time.time() - self.at > SILENCE_SECONDS

    @property
    def seconds(self) -> int:
        return int((time.time() if self.is_open else self.at) - self.begun_at)


def current_job() -> Job | None:
    """Return the last job, or None before the first."""
    with suppress(OSError, ValueError, TypeError):
        row: dict[str, Any] = json.loads(_file().read_text())
        return Job(**{**row, "steps": tuple(row["steps"])})
    return None


def request_scene(*, scene: str, office: str) -> bool:
    """Ask a worker for a scene; False while another one is being played."""
    job = current_job()
    if job is not None and job.is_open and not job.is_silent:
        return False
    now = time.time()
    language = translation.get_language() or "id"
    _write(Job(secrets.token_hex(4), scene, office, WAITING, now, language, now))
    return True


def play_requested() -> None:
    """Play the requested scene, if there is one and no other worker is at it."""
    job = current_job()
    if job is None or not job.is_open:
        return
    with _only_one() as is_ours:
        # Read again: another worker may have finished it before we had the lock.
        job = current_job()
        if not is_ours or job is None or not job.is_open:
            return
        if job.attempts >= ATTEMPTS:
            text = _("Simulasi ini tidak selesai. Lihat log pekerja, lalu coba lagi.")
            _write(replace(job, state=FAILED, answer=str(text), at=time.time()))
            return
        _play(job)


def _play(job: Job) -> None:
    job = replace(job, state=RUNNING, attempts=job.attempts + 1, steps=())
    _write(job)
    scene, office = BY_CODE[job.scene], Office.objects.get(code=job.office)
    steps: list[str] = []

    def report(text: Any) -> None:
        steps.append(str(text))
        _write(replace(job, steps=tuple(steps), at=time.time()))

    try:
        with translation.override(job.language):
            if not scene.is_there(office, clock.now()):
                scene.play(office, report)
        state, answer = DONE, ""
    except NoScene as error:
        state, answer = FAILED, str(error)
    except Busy:
        state, answer = _again(job)
    except DomainError as error:
        log.warning("scene_failed", scene=job.scene, office=job.office, code=error.code)
        state, answer = FAILED, str(error)
    _write(replace(job, state=state, answer=answer, steps=tuple(steps), at=time.time()))


def _again(job: Job) -> tuple[str, str]:
    return (WAITING, "") if job.attempts < ATTEMPTS else (FAILED, str(Busy()))


def is_there(scene: str, office: Office) -> bool:
    """True if the office shows the scene now, so that nothing need be done."""
    return BY_CODE[scene].is_there(office, clock.now())


@contextmanager
def _only_one() -> Iterator[bool]:
    """Hold the lock of the playing worker, which the system releases when the worker dies."""
    path = data_dir() / ".demo-scene.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _file() -> Path:
    return data_dir() / "demo-scene.json"


def _write(job: Job) -> None:
    write_private(_file(), asdict(job))
