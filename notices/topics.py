"""What messages are about, as their recipients see it: topics, their kinds, and the channels of each.

A kind without a topic goes by e-mail only and cannot be turned off: links of accounts, officers' work, and
what has a subscription of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notices.models import ChannelRule, Message

Channel = Message.Channel
BY_PHONE: Final = (Channel.WHATSAPP, Channel.SMS)


@dataclass(frozen=True)
class Topic:
    """Kinds of messages that a recipient turns on and off together.

    By e-mail, an essential topic cannot be turned off.
    """

    code: str
    name: Any
    kinds: frozenset[str]
    is_essential: bool = True


TOPICS: Final[tuple[Topic, ...]] = (
    Topic(
        "bookings",
        _("Jadwal: konfirmasi, perubahan, pembatalan"),
        frozenset(
            {
                "booking_confirmed",
                "booking_changed",
                "booking_moved",
                "booking_evening",
                "booking_left",
                "booking_cancelled",
                "booking_displaced",
                "booking_released",
                "booking_kept",
            }
        ),
    ),
    Topic(
        "chances",
        _("Undian dan daftar tunggu"),
        frozenset(
            {
                "draw_entered",
                "draw_won",
                "draw_lost",
                "draw_void",
                "draw_lapsed",
                "waiting_offer",
                "waiting_expired",
                "waiting_withdrawn",
                "waiting_ended",
            }
        ),
    ),
    Topic(
        "visit",
        _("Kunjungan dan paspor: kekurangan berkas, siap diambil, surat kuasa"),
        frozenset(
            {
                "visit_incomplete",
                "visit_unserved",
                "visit_delayed",
                "passport_ready",
                "passport_waiting",
                "passport_cancelled",
                "letter_made",
            }
        ),
    ),
    Topic(
        "decisions",
        _("Keputusan: pembatasan, keberatan, sengketa nomor"),
        frozenset(
            {
                "restricted",
                "restriction_answered",
                "objection_answered",
                "contest_opened",
                "contest_notice",
                "contest_decided",
            }
        ),
    ),
    Topic(
        "reminders",
        _("Pengingat sehari sebelum jadwal"),
        frozenset({"booking_reminder"}),
        is_essential=False,
    ),
    Topic(
        "survey",
        _("Undangan survei kepuasan"),
        frozenset({"survey_invitation"}),
        is_essential=False,
    ),
)
TOPIC_OF: Final[Mapping[str, Topic]] = {kind: topic for topic in TOPICS for kind in topic.kinds}
CODES: Final = frozenset(topic.code for topic in TOPICS)


@dataclass(frozen=True)
class Offer:
    """Whether a topic is offered by a channel, and whether it is on before anybody chooses."""

    is_offered: bool
    is_preset: bool


def offers() -> dict[tuple[str, str], Offer]:
    """Return the offer of each topic and channel: its row, or without one the default.

    By default e-mail is on, and the phone is offered where a gateway is set. An essential topic is
    always offered by e-mail.
    """
    rows = {(row.topic, row.channel): row for row in ChannelRule.objects.all()}
    result: dict[tuple[str, str], Offer] = {}
    for topic in TOPICS:
        for channel in Channel:
            row = rows.get((topic.code, channel))
            is_email = channel == Channel.EMAIL
            is_offered, is_preset = (row.is_offered, row.is_preset) if row else (True, is_email)
            if is_email and topic.is_essential:
                is_offered = is_preset = True
            if not is_email:
                is_offered = is_offered and bool(settings.MESSAGE_GATEWAY_URL)
            result[topic.code, channel] = Offer(is_offered, is_offered and is_preset)
    return result
