"""What the letters about an account say. One entry for each letter that allauth sends."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

Context = Mapping[str, Any]


class Letter(NamedTuple):
    subject: str
    paragraphs: list[str]
    action: tuple[str, str] | None = None


def write(name: str, context: Context) -> Letter:
    """Return the letter by allauth's name for it, in the active language."""
    return LETTERS.get(name, _notice)(context)


def _confirm(context: Context) -> Letter:
    return Letter(
        _("Sahkan alamat e-mail Anda"),
        [
            _("Buka tautan ini untuk memastikan alamat ini milik Anda."),
            _(
                "Dengan mengesahkan, Anda setuju kami mengirim pengingat jadwal ke alamat ini. "
                "Persetujuan itu dapat Anda tarik kapan saja di halaman akun."
            ),
            _("Bukan Anda yang mendaftar? Abaikan surat ini; tidak ada yang berubah."),
        ],
        (_("Sahkan alamat"), context["activate_url"]),
    )


def _reset(context: Context) -> Letter:
    return Letter(
        _("Buat kata sandi baru"),
        [
            _("Ada yang meminta kata sandi baru untuk akun Anda. Bila itu Anda, buka tautan ini."),
            _("Bukan Anda? Abaikan surat ini; kata sandi Anda tetap."),
        ],
        (_("Buat kata sandi baru"), context["password_reset_url"]),
    )


def _unknown(context: Context) -> Letter:
    return Letter(
        _("Tidak ada akun dengan alamat ini"),
        [
            _(
                "Ada yang meminta kata sandi baru untuk alamat ini, tetapi tidak ada akun dengan alamat ini."
            ),
            _(
                "Mungkin Anda mendaftar dengan alamat lain. Bila belum punya akun, daftarlah di sini."
            ),
        ],
        (_("Daftar"), context["signup_url"]),
    )


def _exists(context: Context) -> Letter:
    return Letter(
        _("Anda sudah punya akun"),
        [
            _("Ada yang mencoba mendaftar dengan alamat ini, tetapi akun Anda sudah ada."),
            _("Bila itu Anda dan kata sandi terlupa, buatlah yang baru di sini."),
        ],
        (_("Buat kata sandi baru"), context["password_reset_url"]),
    )


def _told(subject: str) -> Callable[[Context], Letter]:
    """A notice that something about the account's safety changed."""

    def letter(_context: Context) -> Letter:
        return Letter(
            _(subject),
            [
                _("Kami memberi tahu Anda karena ini menyangkut keamanan akun Anda."),
                _(
                    "Bukan Anda yang melakukannya? Segera atur ulang kata sandi, lalu periksa sesi masuk Anda."
                ),
            ],
        )

    return letter


_notice = _told(gettext_noop("Ada perubahan pada akun Anda"))
LETTERS: Mapping[str, Callable[[Context], Letter]] = {
    "email_confirmation": _confirm,
    "email_confirmation_signup": _confirm,
    "password_reset_key": _reset,
    "unknown_account": _unknown,
    "account_already_exists": _exists,
    "password_changed": _told(gettext_noop("Kata sandi Anda telah diganti")),
    "password_set": _told(gettext_noop("Kata sandi Anda telah dibuat")),
    "password_reset": _told(gettext_noop("Kata sandi Anda telah diatur ulang")),
    "email_changed": _told(gettext_noop("Alamat e-mail akun Anda telah diganti")),
    "email_confirm": _told(gettext_noop("Alamat e-mail Anda telah disahkan")),
    "email_deleted": _told(gettext_noop("Sebuah alamat e-mail dihapus dari akun Anda")),
    "totp_activated": _told(gettext_noop("Aplikasi autentikator diaktifkan")),
    "totp_deactivated": _told(gettext_noop("Aplikasi autentikator dimatikan")),
    "recovery_codes_generated": _told(gettext_noop("Kode pemulihan baru dibuat")),
    "webauthn_added": _told(gettext_noop("Kunci keamanan ditambahkan")),
    "webauthn_removed": _told(gettext_noop("Kunci keamanan dihapus")),
}
