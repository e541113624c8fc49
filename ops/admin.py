"""Admin lists of messages and accounts, whose own apps cannot import the rights to read them."""

from typing import Any

from allauth.account import admin as allauth_admin
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Consent, User
from core import clock
from core.formats import mask_email, mask_phone
from notices import services
from notices.models import ChannelRule, LinkAnswer, Message
from notices.topics import TOPICS
from offices.admin import RoleAdmin, offices_read
from offices.directory.models import Office
from offices.permissions import Right
from ops.services import AccountData, change_account, create_account, send_messages_again


class StateFilter(admin.SimpleListFilter):
    """Filter by the delivery state of a message."""

    title = _("status pengiriman")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("menunggu")),
            ("sent", _("terkirim")),
            ("delivered", _("sampai")),
            ("failed", _("tidak sampai")),
            ("refused", _("ditolak oleh alamat tujuan")),
            ("suppressed", _("ditahan")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        wanted = {
            "waiting": Q(sent_at=None, given_up_at=None, suppressed_at=None),
            "sent": ~Q(sent_at=None),
            "delivered": ~Q(delivered_at=None),
            "failed": ~Q(failed_at=None),
            "refused": ~Q(given_up_at=None),
            "suppressed": ~Q(suppressed_at=None),
        }
        return queryset.filter(wanted.get(str(self.value()), Q()))


class OfficeFilter(admin.SimpleListFilter):
    """Filter by the office of a message; messages about accounts have none."""

    title = _("kantor")
    parameter_name = "office_code"
    NONE = "-"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        offices = Office.objects.order_by("name").values_list("code", "name")
        return [*offices, (self.NONE, _("tanpa kantor"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        code = self.value()
        if code is None:
            return queryset
        return queryset.filter(office_code="" if code == self.NONE else code)


@admin.register(Message)
class MessageAdmin(RoleAdmin):
    """Messages of an office and their delivery. Messages about accounts are for national staff only."""

    reads = Right.READ_MESSAGES
    writes = None
    list_display = (
        "kind",
        "channel",
        "office_code",
        "masked",
        "due_at",
        "state",
        "sent_at",
        "attempts",
        "last_error",
    )
    list_filter = (StateFilter, "channel", "kind", OfficeFilter)
    date_hierarchy = "due_at"
    ordering = ("-due_at", "-id")
    fields = (
        "kind",
        "channel",
        "office_code",
        "masked",
        "language",
        "title",
        "text",
        "created_at",
        "due_at",
        "state",
        "sent_at",
        "delivered_at",
        "failed_at",
        "given_up_at",
        "suppressed_at",
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
        codes = [office.code for office in offices_read(request, self.reads)]
        return rows.filter(office_code__in=codes)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_view_permission(request, obj):
            return False
        return obj is None or self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return bool(offices_read(request, Right.SEND_MESSAGES_AGAIN))

    @admin.display(description=_("kepada"))
    def masked(self, message: Message) -> str:
        if message.channel != Message.Channel.EMAIL:
            return mask_phone(message.address)
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
        assert isinstance(request.user, User)
        done = send_messages_again(
            message_ids=list(queryset.values_list("pk", flat=True)),
            by=request.user,
            now=clock.now(),
        )
        text = ngettext("%(n)d pesan dikirim lagi.", "%(n)d pesan dikirim lagi.", done) % {
            "n": done
        }
        self.message_user(request, text, messages.SUCCESS if done else messages.WARNING)


@admin.register(ChannelRule)
class ChannelRuleAdmin(RoleAdmin):
    """Which topic of messages goes by which channel, where it differs from the default."""

    list_display = ("topic", "channel", "is_offered", "is_preset")
    ordering = ("topic", "channel")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        if db_field.name == "topic":
            choices = [(topic.code, topic.name) for topic in TOPICS]
            return forms.ChoiceField(label=db_field.verbose_name, choices=choices)
        return super().formfield_for_dbfield(db_field, request, **options)


@admin.register(LinkAnswer)
class LinkAnswerAdmin(RoleAdmin):
    """Answers by links in messages: which message, when, and the account that was signed in, if any."""

    reads = Right.READ_AUDIT
    writes = None
    list_display = ("at", "purpose", "subject", "action", "message_number", "account")
    list_filter = ("purpose", "action")
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    fields = ("at", "purpose", "subject", "action", "message_number", "account")
    readonly_fields = fields
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkAnswer]:
        signed_in = User.objects.filter(pk=OuterRef("account_number"))
        return super().get_queryset(request).annotate(email=Subquery(signed_in.values("email")))

    @admin.display(description=_("oleh"))
    def account(self, answer: Any) -> str:
        return mask_email(answer.email) if answer.email else str(_("pemegang tautan"))


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


# The library's own list changes addresses without the confirmation that the account page asks for.
admin.site.unregister(allauth_admin.EmailAddress)


@admin.register(EmailAddress)
class EmailAddressAdmin(RoleAdmin):
    """Addresses of accounts: changed by their holders only."""

    reads = Right.READ_ACCOUNTS
    writes = None
    list_display = ("email", "user", "primary", "verified")
    list_filter = ("primary", "verified")
    search_fields = ("email",)
    ordering = ("email",)
    list_select_related = ("user",)


class ConsentInline(admin.TabularInline):
    """The consents of a person, given and withdrawn."""

    model = Consent
    extra = 0
    can_delete = False
    fields = readonly_fields = ("purpose", "wording", "way", "given_at", "withdrawn_at")

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

    def accounts_shown(self, object_id: str | None) -> list[int]:
        return [int(object_id)] if object_id and object_id.isdecimal() else []

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
        """Create or change the account by the service."""
        actor: Any = {"by": request.user, "now": clock.now()}
        data = AccountData(obj.full_name, obj.language, obj.is_staff, obj.is_active)
        if change:
            change_account(user_id=obj.pk, data=data, **actor)
        else:
            obj.pk = create_account(email=obj.email, data=data, **actor).pk
