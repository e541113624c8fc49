"""Admin lists of messages and accounts, whose own apps cannot import the rights to read them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Consent, User
from core import clock
from core.formats import mask_email
from notices import services
from notices.models import Message
from offices.admin import RoleAdmin, offices_read
from offices.permissions import Right


class StateFilter(admin.SimpleListFilter):
    """Filter by the delivery state of a message."""

    title = _("status pengiriman")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("menunggu")),
            ("sent", _("terkirim")),
            ("refused", _("ditolak oleh alamat tujuan")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        wanted = {
            "waiting": Q(sent_at=None, given_up_at=None),
            "sent": ~Q(sent_at=None),
            "refused": ~Q(given_up_at=None),
        }
        return queryset.filter(wanted.get(str(self.value()), Q()))


@admin.register(Message)
class MessageAdmin(RoleAdmin):
    """Messages of an office and their delivery. Messages about accounts are for national staff only."""

    reads = Right.READ_MESSAGES
    writes = None
    list_display = (
        "kind",
        "office_code",
        "masked",
        "due_at",
        "state",
        "sent_at",
        "attempts",
        "last_error",
    )
    list_filter = (StateFilter, "kind", "office_code")
    date_hierarchy = "due_at"
    ordering = ("-due_at", "-id")
    fields = (
        "kind",
        "office_code",
        "masked",
        "language",
        "title",
        "text",
        "created_at",
        "due_at",
        "state",
        "sent_at",
        "given_up_at",
        "attempts",
        "last_error",
        "request_id",
    )
    readonly_fields = fields
    actions = ("send_again",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        rows = super().get_queryset(request)
        if offices_read(request, Right.READ_ALL_MESSAGES):
            return rows
        codes = offices_read(request, self.reads).values_list("code", flat=True)
        return rows.filter(office_code__in=list(codes))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_view_permission(request, obj):
            return False
        return obj is None or self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return bool(offices_read(request, Right.SEND_MESSAGES_AGAIN))

    @admin.display(description=_("kepada"))
    def masked(self, message: Message) -> str:
        return mask_email(message.address)

    @admin.display(description=_("status pengiriman"))
    def state(self, message: Message) -> str:
        return services.describe_state(message)

    @admin.display(description=_("perihal"))
    def title(self, message: Message) -> str:
        return services.text_of(message)[0] or "–"

    @admin.display(description=_("isi"))
    def text(self, message: Message) -> str:
        # Empty for messages about accounts: their links give access to one.
        return services.text_of(message)[1] or "–"

    @admin.action(description=_("Kirim lagi yang belum sampai"), permissions=["send_again"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        now = clock.now()
        ids = queryset.values_list("pk", flat=True)
        done = sum(services.send_again(message_id=message_id, now=now) for message_id in ids)
        text = ngettext("%(n)d pesan dikirim lagi.", "%(n)d pesan dikirim lagi.", done) % {
            "n": done
        }
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)


@admin.register(LogEntry)
class LogEntryAdmin(RoleAdmin):
    """Changes made in these lists, with user and time."""

    reads = Right.READ_AUDIT
    writes = None
    list_display = ("action_time", "user", "content_type", "object_id", "action_flag")
    list_filter = ("action_flag",)
    ordering = ("-action_time", "-id")
    list_select_related = ("user", "content_type")
    fields = ("action_time", "user", "content_type", "object_id", "action_flag", "change_message")
    readonly_fields = fields


class ConsentInline(admin.TabularInline):
    """The consents of a person, given and withdrawn."""

    model = Consent
    extra = 0
    can_delete = False
    fields = readonly_fields = ("purpose", "given_at", "withdrawn_at")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(offices_read(request, Right.READ_ACCOUNTS))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UserForm(forms.ModelForm):
    """An account, as edited by national staff."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(RoleAdmin):
    """Accounts, for national staff. A new officer sets a password with "lupa kata sandi"."""

    form = UserForm
    reads = Right.READ_ACCOUNTS
    writes = Right.CHANGE_ACCOUNTS
    list_display = ("email", "full_name", "is_staff", "is_active", "joined_at")
    list_filter = ("is_staff", "is_active", "language")
    # Not by name: the search term is part of the URL.
    search_fields = ("email",)
    ordering = ("email",)
    fields = ("email", "full_name", "language", "is_staff", "is_active", "joined_at", "last_login")
    readonly_fields = ("joined_at", "last_login")
    inlines = (ConsentInline,)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only superusers can change superusers."""
        if (
            obj is not None
            and obj.is_superuser
            and not getattr(request.user, "is_superuser", False)
        ):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts are deactivated, never deleted: their actions stay on record."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The address is the sign-in name: only its owner can change it, with confirmation."""
        return self.readonly_fields if obj is None else ("email", *self.readonly_fields)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Create an account without a password; log the changes of an existing one."""
        if change:
            obj.save(update_fields=form.changed_data)
            return
        obj.set_unusable_password()
        obj.save(force_insert=True)
