"""People, applications, bookings, lottery, waiting list, closures and contests."""

import booking.codes
import core.crypto
import core.ids
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from core.operations import together
from django.db import migrations, models


# Law 1: a booking and the place it names refer to each other. Deferred, so that a reschedule may swap places.
BOOKING_HOLDS_ITS_PLACE = """
ALTER TABLE booking_booking
  ADD CONSTRAINT booking_holds_its_place FOREIGN KEY (place_id, id)
  REFERENCES quotas_place (id, holder) DEFERRABLE INITIALLY DEFERRED
"""

# Law 1 for offers of the waiting list.
OFFER_HOLDS_ITS_PLACE = """
ALTER TABLE booking_offerplace
  ADD CONSTRAINT offer_holds_its_place FOREIGN KEY (place_id, holder)
  REFERENCES quotas_place (id, holder) DEFERRABLE INITIALLY DEFERRED
"""

# A booking belongs to the office of its slot. One composite key locks one row where two keys would lock two.
BOOKING_IS_OF_ITS_SLOTS_OFFICE = """
ALTER TABLE booking_booking
  ADD CONSTRAINT booking_is_of_its_slots_office FOREIGN KEY (slot_id, office_id)
  REFERENCES quotas_slot (id, office_id) DEFERRABLE INITIALLY DEFERRED
"""

# Law 3: a place that a closure leaves to some services is taken for those services only. The check runs at the end
# of the transaction, because a place is taken before its booking is written. Other places are not checked.
PLACE_IS_FOR_THE_SERVICE = """
CREATE FUNCTION place_is_for_the_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM quotas_slot slot
     WHERE slot.id = NEW.slot_id
       AND (EXISTS (SELECT FROM booking_booking taker
                     WHERE taker.id = NEW.holder AND taker.service_type_id <> ALL (slot.only_services))
         OR EXISTS (SELECT FROM booking_offer offer JOIN booking_waitinglistentry entry ON entry.id = offer.entry_id
                     WHERE offer.id = NEW.holder AND entry.service_type_id <> ALL (slot.only_services)))) THEN
    RAISE EXCEPTION 'place % is for other services', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'place_is_for_the_service';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER place_is_for_the_service AFTER INSERT OR UPDATE OF holder, slot_id ON quotas_place
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_limited AND NEW.holder IS NOT NULL)
  EXECUTE FUNCTION place_is_for_the_service();
"""

# A booking's service type exists (ADR 16). A foreign key would lock the service's row in every booking; here
# the deletion of a service waits for all open booking transactions instead.
SERVICE_OF_A_BOOKING_EXISTS = """
CREATE FUNCTION booking_service_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM offices_servicetype WHERE id = NEW.service_type_id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'the service of a booking does not exist',
      CONSTRAINT = 'booking_service_is_there', TABLE = 'booking_booking';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER booking_service_is_there AFTER INSERT OR UPDATE OF service_type_id ON booking_booking
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION booking_service_is_there();

CREATE FUNCTION service_has_no_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE booking_booking IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM booking_booking WHERE service_type_id = OLD.id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'a service with bookings cannot be deleted',
      CONSTRAINT = 'service_has_no_bookings', TABLE = 'offices_servicetype';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER service_has_no_bookings AFTER DELETE OR UPDATE OF id ON offices_servicetype
  FOR EACH ROW EXECUTE FUNCTION service_has_no_bookings();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("offices", "0001_initial"),
        ("quotas", "0001_initial"),
    ]

    operations = together([
        migrations.CreateModel(
            name="Applicant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applicants",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="akun",
                    ),
                ),
                ("full_name", models.CharField(max_length=120, verbose_name="nama lengkap")),
                (
                    "identity_kind",
                    models.CharField(
                        choices=[("nik", "NIK"), ("passport", "paspor asing")],
                        default="nik",
                        max_length=10,
                        verbose_name="jenis identitas",
                    ),
                ),
                ("identity_number", core.crypto.EncryptedTextField(verbose_name="nomor identitas")),
                (
                    "nationality",
                    models.CharField(default="ID", max_length=2, verbose_name="kewarganegaraan"),
                ),
                (
                    "person_key",
                    models.CharField(editable=False, max_length=64, verbose_name="kunci orang"),
                ),
                ("birth_date", models.DateField(verbose_name="tanggal lahir")),
                (
                    "sex",
                    models.CharField(
                        choices=[("female", "perempuan"), ("male", "laki-laki")],
                        max_length=6,
                        verbose_name="jenis kelamin",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="telepon")),
                (
                    "nik_differs",
                    models.BooleanField(
                        default=False, verbose_name="NIK berbeda dari tanggal lahir"
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="dicatat")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="dihapus")),
            ],
            options={
                "verbose_name": "pemohon",
                "verbose_name_plural": "pemohon",
                "indexes": [
                    models.Index(fields=["person_key"], name="applicant_by_person"),
                    models.Index(
                        condition=models.Q(("phone", ""), _negated=True),
                        fields=["phone"],
                        name="applicant_by_phone",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("account", "person_key"),
                        name="applicant_once_an_account",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BrokerSignal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="broker_signals",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("handover", "dibatalkan lalu diambil akun lain"),
                            ("phone", "satu nomor telepon, banyak akun"),
                            ("device", "satu perangkat, banyak akun"),
                            ("burst", "banyak pemesanan dalam waktu singkat"),
                            ("mismatch", "nama tidak cocok di kantor"),
                        ],
                        max_length=10,
                        verbose_name="pola",
                    ),
                ),
                (
                    "subject",
                    models.CharField(editable=False, max_length=80, verbose_name="tentang"),
                ),
                ("label", models.CharField(max_length=80, verbose_name="tentang")),
                ("count", models.PositiveIntegerField(verbose_name="berapa kali")),
                ("first_at", models.DateTimeField(verbose_name="pertama")),
                ("last_at", models.DateTimeField(verbose_name="terakhir")),
                ("evidence", models.JSONField(default=list, verbose_name="bukti")),
                ("detected_at", models.DateTimeField(verbose_name="ditemukan")),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="dilihat")),
            ],
            options={
                "verbose_name": "indikasi calo",
                "verbose_name_plural": "indikasi calo",
                "ordering": ["-last_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "kind", "subject"), name="broker_signal_once_a_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BrokerSignalNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="booking.brokersignal",
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=300, verbose_name="catatan")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="pada")),
            ],
            options={
                "verbose_name": "catatan indikasi",
                "verbose_name_plural": "catatan indikasi",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "window",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw",
                        to="quotas.releasewindow",
                        verbose_name="pembukaan kuota",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                ("seed", core.crypto.EncryptedTextField(verbose_name="angka rahasia")),
                ("seed_hash", models.CharField(max_length=64, verbose_name="segel angka rahasia")),
                (
                    "public_source",
                    models.CharField(max_length=300, verbose_name="sumber nilai publik"),
                ),
                ("prepared_at", models.DateTimeField(verbose_name="disiapkan")),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="daftar ditutup"),
                ),
                (
                    "list_digest",
                    models.CharField(blank=True, max_length=64, verbose_name="sidik daftar"),
                ),
                (
                    "public_value",
                    models.CharField(blank=True, max_length=64, verbose_name="nilai publik"),
                ),
                (
                    "typed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="dimasukkan oleh",
                    ),
                ),
                (
                    "typed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dimasukkan"),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="dipastikan oleh",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dipastikan"),
                ),
                ("drawn_at", models.DateTimeField(blank=True, null=True, verbose_name="diundi")),
            ],
            options={
                "verbose_name": "undian",
                "verbose_name_plural": "undian",
                "ordering": ["-prepared_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(
                                ("typed_by__isnull", False),
                                models.Q(("confirmed_by", models.F("typed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="draw_confirmed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("typed_at__isnull", True),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("typed_at__gte", models.F("closed_at")),
                            ),
                            _connector="OR",
                        ),
                        name="draw_value_after_the_list",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("drawn_at__isnull", True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="draw_held_with_a_confirmed_value",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DrawLoss",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                ("person_key", models.CharField(max_length=64, verbose_name="kunci orang")),
                (
                    "losses",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="kali belum mendapat tempat"
                    ),
                ),
            ],
            options={
                "verbose_name": "catatan belum mendapat tempat",
                "verbose_name_plural": "catatan belum mendapat tempat",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "person_key"), name="draw_loss_once_a_person"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DrawRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="booking.draw",
                        verbose_name="undian",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="putaran")),
                ("at", models.DateTimeField(verbose_name="pada")),
                ("places", models.JSONField(default=dict, verbose_name="tempat")),
                ("voids", models.JSONField(default=dict, verbose_name="tidak ikut diundi")),
                ("given", models.JSONField(default=list, verbose_name="diberikan")),
            ],
            options={
                "verbose_name": "putaran undian",
                "verbose_name_plural": "putaran undian",
                "ordering": ["draw", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("draw", "number"), name="draw_round_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="akun",
                    ),
                ),
                ("key", models.CharField(max_length=64, verbose_name="kunci permintaan")),
                ("body_hash", models.CharField(max_length=64, verbose_name="sidik permintaan")),
                (
                    "device_key",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        max_length=64,
                        verbose_name="perangkat",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="dicatat")),
            ],
            options={
                "verbose_name": "rombongan",
                "verbose_name_plural": "rombongan",
                "indexes": [
                    models.Index(
                        condition=models.Q(("device_key", ""), _negated=True),
                        fields=["device_key", "created_at"],
                        name="party_by_device",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "key"),
                        name="party_key_once_an_account",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Displacement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "closure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="displacements",
                        to="offices.closure",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="displacements",
                        to="booking.party",
                    ),
                ),
                ("displaced_at", models.DateTimeField(verbose_name="kehilangan tempat")),
                (
                    "placed_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="mendapat tempat baru"
                    ),
                ),
                (
                    "notified_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="diberi tahu petugas"),
                ),
                (
                    "notified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "pemindahan",
                "verbose_name_plural": "pemindahan",
                "indexes": [
                    models.Index(
                        condition=models.Q(("placed_at__isnull", True)),
                        fields=["displaced_at"],
                        name="displacement_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("closure", "party"), name="displacement_once_a_closure"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DrawEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="booking.draw",
                        verbose_name="undian",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        default=booking.codes.new_code,
                        max_length=12,
                        unique=True,
                        verbose_name="kode undian",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw_entries",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="akun",
                    ),
                ),
                (
                    "service_type",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicetype",
                        verbose_name="jenis layanan",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list, verbose_name="pilihan jam")),
                ("takes_any", models.BooleanField(default=True, verbose_name="jam mana saja")),
                ("size", models.PositiveSmallIntegerField(verbose_name="jumlah orang")),
                ("weight", models.PositiveSmallIntegerField(default=1, verbose_name="bobot")),
                ("entered_at", models.DateTimeField(verbose_name="ikut sejak")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="batal ikut"),
                ),
                ("rank", models.PositiveIntegerField(blank=True, null=True, verbose_name="urutan")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "menunggu undian"),
                            ("won", "mendapat tempat"),
                            ("claimed", "tempat diambil"),
                            ("lapsed", "tidak diambil"),
                            ("lost", "belum mendapat tempat"),
                            ("void", "tidak ikut diundi"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="hasil",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="quotas.slot",
                        verbose_name="sesi",
                    ),
                ),
                (
                    "party",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draw_entry",
                        to="booking.party",
                        verbose_name="rombongan",
                    ),
                ),
                (
                    "claim_until",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="diambil paling lambat"
                    ),
                ),
            ],
            options={
                "verbose_name": "peserta undian",
                "verbose_name_plural": "peserta undian",
                "ordering": ["draw", "rank", "code"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome", "won")),
                        fields=["claim_until"],
                        name="draw_entry_unclaimed",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("draw", "rank"), name="draw_entry_one_a_rank"),
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 1), ("size__lte", 5)),
                        name="draw_entry_up_to_five",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weight__gte", 1), ("weight__lte", 5)),
                        name="draw_entry_weight_bounded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("claim_until__isnull", False),
                                ("outcome__in", ["won", "claimed", "lapsed"]),
                                ("party__isnull", False),
                                ("slot__isnull", False),
                            ),
                            models.Q(
                                ("outcome__in", ["waiting", "lost", "void"]),
                                ("party__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="draw_entry_place_as_outcome_claims",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DrawMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="booking.drawentry",
                        verbose_name="peserta undian",
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="booking.draw",
                        verbose_name="undian",
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="booking.applicant",
                        verbose_name="pemohon",
                    ),
                ),
                ("person_key", models.CharField(max_length=64, verbose_name="kunci orang")),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="batal ikut")),
            ],
            options={
                "verbose_name": "anggota peserta undian",
                "verbose_name_plural": "anggota peserta undian",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at__isnull", True)),
                        fields=("draw", "person_key"),
                        name="draw_member_once_a_draw",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PassportApplication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="booking.applicant",
                        verbose_name="pemohon",
                    ),
                ),
                (
                    "service_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicetype",
                        verbose_name="jenis layanan",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("first", "paspor pertama"),
                            ("expired", "kedaluwarsa"),
                            ("full", "halaman penuh"),
                            ("lost", "hilang"),
                            ("damaged", "rusak"),
                            ("stay", "izin tinggal"),
                        ],
                        max_length=10,
                        verbose_name="alasan",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("holiday", "wisata"),
                            ("treatment", "berobat"),
                            ("study", "belajar"),
                            ("business", "bisnis"),
                            ("umrah", "umrah atau haji"),
                            ("work", "bekerja"),
                            ("family", "mengunjungi keluarga"),
                        ],
                        max_length=10,
                        verbose_name="tujuan perjalanan",
                    ),
                ),
                (
                    "product",
                    models.CharField(
                        choices=[
                            ("plain_5", "paspor biasa 5 tahun"),
                            ("plain_10", "paspor biasa 10 tahun"),
                            ("electronic_5", "paspor elektronik 5 tahun"),
                            ("electronic_10", "paspor elektronik 10 tahun"),
                            ("stay_permit", "izin tinggal"),
                            ("accelerated", "tambahan layanan percepatan"),
                            ("lost", "denda paspor hilang"),
                            ("damaged", "denda paspor rusak"),
                        ],
                        max_length=20,
                        verbose_name="jenis paspor",
                    ),
                ),
                ("documents", models.JSONField(blank=True, default=dict, verbose_name="berkas")),
                ("created_at", models.DateTimeField(verbose_name="dicatat")),
                ("changed_at", models.DateTimeField(verbose_name="diubah")),
            ],
            options={
                "verbose_name": "permohonan paspor",
                "verbose_name_plural": "permohonan paspor",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("applicant", "service_type"), name="application_once_a_service"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        default=booking.codes.new_code, max_length=12, verbose_name="kode booking"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="akun",
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="booking.applicant",
                        verbose_name="pemohon",
                    ),
                ),
                ("person_key", models.CharField(max_length=64, verbose_name="kunci orang")),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="booking.party",
                        verbose_name="rombongan",
                    ),
                ),
                (
                    "service_type",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicetype",
                        verbose_name="jenis layanan",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="booking.passportapplication",
                        verbose_name="permohonan",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="quotas.slot",
                        verbose_name="sesi",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="quotas.place",
                        verbose_name="tempat",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("held", "dicadangkan"),
                            ("booked", "terjadwal"),
                            ("displaced", "dipindahkan"),
                            ("checked_in", "hadir"),
                            ("served", "selesai"),
                            ("cancelled", "dibatalkan"),
                            ("no_show", "tidak hadir"),
                            ("expired", "lewat batas waktu"),
                        ],
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("first_come", "siapa cepat"),
                            ("draw", "undian"),
                            ("waiting_list", "daftar tunggu"),
                            ("moved_by_applicant", "dijadwalkan ulang oleh pemohon"),
                            ("moved_by_office", "dipindahkan oleh kantor"),
                            ("desk", "di kantor"),
                        ],
                        max_length=20,
                        verbose_name="melalui",
                    ),
                ),
                ("placed_at", models.DateTimeField(verbose_name="dipesan")),
                (
                    "expires_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dicadangkan sampai"),
                ),
                (
                    "changes_used",
                    models.PositiveSmallIntegerField(default=0, verbose_name="perubahan terpakai"),
                ),
                (
                    "reminded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="diingatkan"),
                ),
                ("key", models.CharField(max_length=64, verbose_name="kunci permintaan")),
            ],
            options={
                "verbose_name": "booking",
                "verbose_name_plural": "booking",
                "ordering": ["-placed_at"],
                "indexes": [
                    models.Index(fields=["office", "status", "slot"], name="booking_by_office"),
                    models.Index(
                        condition=models.Q(("status", "held")),
                        fields=["expires_at"],
                        name="booking_held_by_expiry",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="booking_code_once"),
                    models.UniqueConstraint(
                        fields=("account", "key", "applicant"), name="booking_key_once_a_person"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status__in", ["held", "booked", "displaced", "checked_in"])
                        ),
                        fields=("person_key",),
                        name="booking_one_live_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "held",
                                    "booked",
                                    "displaced",
                                    "checked_in",
                                    "served",
                                    "cancelled",
                                    "no_show",
                                    "expired",
                                ],
                            )
                        ),
                        name="booking_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("place__isnull", False),
                                (
                                    "status__in",
                                    ["held", "booked", "checked_in", "served", "no_show"],
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "status__in",
                                        ["held", "booked", "checked_in", "served", "no_show"],
                                    ),
                                    _negated=True,
                                ),
                                ("place__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="booking_place_as_status_claims",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BookingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="alasan")),
                ("at", models.DateTimeField(verbose_name="pada")),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="booking.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("made", "dibuat"),
                            ("moved", "status berubah"),
                            ("rescheduled", "dijadwalkan ulang"),
                            ("refused", "nama tidak cocok"),
                        ],
                        max_length=12,
                        verbose_name="kejadian",
                    ),
                ),
                (
                    "old",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("held", "dicadangkan"),
                            ("booked", "terjadwal"),
                            ("displaced", "dipindahkan"),
                            ("checked_in", "hadir"),
                            ("served", "selesai"),
                            ("cancelled", "dibatalkan"),
                            ("no_show", "tidak hadir"),
                            ("expired", "lewat batas waktu"),
                        ],
                        max_length=12,
                        verbose_name="dari",
                    ),
                ),
                (
                    "new",
                    models.CharField(
                        choices=[
                            ("held", "dicadangkan"),
                            ("booked", "terjadwal"),
                            ("displaced", "dipindahkan"),
                            ("checked_in", "hadir"),
                            ("served", "selesai"),
                            ("cancelled", "dibatalkan"),
                            ("no_show", "tidak hadir"),
                            ("expired", "lewat batas waktu"),
                        ],
                        max_length=12,
                        verbose_name="menjadi",
                    ),
                ),
                (
                    "place_from",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="quotas.place",
                        verbose_name="tempat lama",
                    ),
                ),
                (
                    "place_to",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="quotas.place",
                        verbose_name="tempat baru",
                    ),
                ),
            ],
            options={
                "verbose_name": "riwayat booking",
                "verbose_name_plural": "riwayat booking",
                "ordering": ["at", "id"],
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["at"], name="booking_event_by_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Contest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contests",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="akun",
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contests",
                        to="booking.applicant",
                        verbose_name="pemohon",
                    ),
                ),
                (
                    "person_key",
                    models.CharField(editable=False, max_length=64, verbose_name="kunci orang"),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contests",
                        to="booking.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contests",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "menunggu bukti"),
                            ("released", "jadwal orang lain dibatalkan"),
                            ("dismissed", "tidak terbukti"),
                            ("withdrawn", "ditarik kembali"),
                            ("lapsed", "tidak lagi diperlukan"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="diajukan")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="diputus")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="diputus oleh",
                    ),
                ),
                (
                    "evidence",
                    models.CharField(blank=True, max_length=200, verbose_name="bukti yang dilihat"),
                ),
            ],
            options={
                "verbose_name": "sengketa nomor identitas",
                "verbose_name_plural": "sengketa nomor identitas",
                "ordering": ["-opened_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "open")),
                        fields=["office", "opened_at"],
                        name="contest_open_by_office",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("account", "person_key"),
                        name="contest_one_open_an_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("status", "open")),
                            models.Q(
                                models.Q(("status", "open"), _negated=True),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="contest_decided_as_status_claims",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "released"), _negated=True),
                            models.Q(
                                models.Q(("evidence", ""), _negated=True),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="contest_released_on_evidence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContestEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="alasan")),
                ("at", models.DateTimeField(verbose_name="pada")),
                (
                    "contest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="booking.contest",
                    ),
                ),
                (
                    "old",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("open", "menunggu bukti"),
                            ("released", "jadwal orang lain dibatalkan"),
                            ("dismissed", "tidak terbukti"),
                            ("withdrawn", "ditarik kembali"),
                            ("lapsed", "tidak lagi diperlukan"),
                        ],
                        max_length=10,
                        verbose_name="dari",
                    ),
                ),
                (
                    "new",
                    models.CharField(
                        choices=[
                            ("open", "menunggu bukti"),
                            ("released", "jadwal orang lain dibatalkan"),
                            ("dismissed", "tidak terbukti"),
                            ("withdrawn", "ditarik kembali"),
                            ("lapsed", "tidak lagi diperlukan"),
                        ],
                        max_length=10,
                        verbose_name="menjadi",
                    ),
                ),
            ],
            options={
                "verbose_name": "riwayat sengketa",
                "verbose_name_plural": "riwayat sengketa",
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DisplacedBooking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "displacement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="booking.displacement",
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="displacements",
                        to="booking.booking",
                    ),
                ),
                (
                    "place_from",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="quotas.place",
                    ),
                ),
                (
                    "place_to",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="quotas.place",
                    ),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dijawab"),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("accepted", "diterima"), ("other", "memilih jadwal lain")],
                        max_length=10,
                        verbose_name="jawaban",
                    ),
                ),
            ],
            options={
                "verbose_name": "booking yang dipindahkan",
                "verbose_name_plural": "booking yang dipindahkan",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("displacement", "booking"), name="displaced_booking_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True)),
                            models.Q(
                                ("answered_at__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="displaced_booking_answered_with_an_answer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person_key",
                    models.CharField(editable=False, max_length=64, verbose_name="kunci orang"),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restrictions",
                        to="booking.applicant",
                        verbose_name="pemohon",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restriction",
                        to="booking.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restrictions",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="sejak")),
                ("until_at", models.DateTimeField(verbose_name="sampai")),
                ("instrument", models.CharField(max_length=200, verbose_name="dasar hukum")),
                ("appeal", core.crypto.EncryptedTextField(blank=True, verbose_name="keberatan")),
                (
                    "appealed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="keberatan diajukan"),
                ),
                (
                    "kept_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="keberatan ditolak"),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="dicabut")),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="dicabut oleh",
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="jawaban")),
            ],
            options={
                "verbose_name": "pembatasan",
                "verbose_name_plural": "pembatasan",
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=["person_key", "until_at"],
                        name="restriction_standing",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_at__gt", models.F("made_at"))),
                        name="restriction_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("appeal", ""), ("appealed_at__isnull", True)),
                            models.Q(
                                ("appealed_at__isnull", False),
                                models.Q(("appeal", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="restriction_appealed_with_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RestrictionEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="alasan")),
                ("at", models.DateTimeField(verbose_name="pada")),
                (
                    "restriction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="booking.restriction",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("made", "dibuat"),
                            ("appealed", "keberatan diajukan"),
                            ("kept", "keberatan ditolak"),
                            ("lifted", "dicabut"),
                        ],
                        max_length=10,
                        verbose_name="kejadian",
                    ),
                ),
            ],
            options={
                "verbose_name": "riwayat pembatasan",
                "verbose_name_plural": "riwayat pembatasan",
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WaitingListEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting_entries",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "lane",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.lane",
                        verbose_name="jalur",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting_entries",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="akun",
                    ),
                ),
                (
                    "service_type",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="offices.servicetype",
                        verbose_name="jenis layanan",
                    ),
                ),
                ("first_day", models.DateField(verbose_name="hari pertama")),
                ("last_day", models.DateField(verbose_name="hari terakhir")),
                ("size", models.PositiveSmallIntegerField(verbose_name="jumlah orang")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "menunggu"),
                            ("placed", "mendapat tempat"),
                            ("stopped", "berhenti sendiri"),
                            ("used_up", "tawaran habis"),
                            ("booked", "sudah punya jadwal lain"),
                            ("changed", "data berubah"),
                            ("lapsed", "rentang hari sudah lewat"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "offers_made",
                    models.PositiveSmallIntegerField(default=0, verbose_name="tawaran"),
                ),
                ("joined_at", models.DateTimeField(verbose_name="menunggu sejak")),
                (
                    "notified_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="pesan terakhir"),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="berakhir")),
            ],
            options={
                "verbose_name": "daftar tunggu",
                "verbose_name_plural": "daftar tunggu",
                "ordering": ["joined_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "waiting")),
                        fields=["office", "joined_at", "id"],
                        name="waiting_entry_in_order",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 1), ("size__lte", 5)),
                        name="waiting_entry_up_to_five",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_day__lte", models.F("last_day"))),
                        name="waiting_entry_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("status", "waiting")),
                            models.Q(
                                models.Q(("status", "waiting"), _negated=True),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="waiting_entry_ends_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="booking.waitinglistentry",
                        verbose_name="daftar tunggu",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="quotas.slot",
                        verbose_name="sesi",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "menunggu jawaban"),
                            ("accepted", "diterima"),
                            ("declined", "ditolak"),
                            ("expired", "lewat batas waktu"),
                            ("withdrawn", "ditarik"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="dibuat")),
                ("tell_at", models.DateTimeField(verbose_name="diberitahukan mulai")),
                (
                    "notified_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="diberitahukan"),
                ),
                ("answer_by", models.DateTimeField(verbose_name="dijawab paling lambat")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="berakhir"),
                ),
                (
                    "party",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offer",
                        to="booking.party",
                        verbose_name="rombongan",
                    ),
                ),
            ],
            options={
                "verbose_name": "tawaran",
                "verbose_name_plural": "tawaran",
                "ordering": ["made_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "open")),
                        fields=["answer_by"],
                        name="offer_by_deadline",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("entry",),
                        name="offer_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("status", "open")),
                            models.Q(
                                models.Q(("status", "open"), _negated=True),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="offer_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answer_by__gt", models.F("tell_at")),
                            ("tell_at__gte", models.F("made_at")),
                        ),
                        name="offer_leaves_time_to_answer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="alasan")),
                ("at", models.DateTimeField(verbose_name="pada")),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="booking.offer",
                        verbose_name="tawaran",
                    ),
                ),
                (
                    "old",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("open", "menunggu jawaban"),
                            ("accepted", "diterima"),
                            ("declined", "ditolak"),
                            ("expired", "lewat batas waktu"),
                            ("withdrawn", "ditarik"),
                        ],
                        max_length=10,
                        verbose_name="dari",
                    ),
                ),
                (
                    "new",
                    models.CharField(
                        choices=[
                            ("open", "menunggu jawaban"),
                            ("accepted", "diterima"),
                            ("declined", "ditolak"),
                            ("expired", "lewat batas waktu"),
                            ("withdrawn", "ditarik"),
                        ],
                        max_length=10,
                        verbose_name="menjadi",
                    ),
                ),
            ],
            options={
                "verbose_name": "riwayat tawaran",
                "verbose_name_plural": "riwayat tawaran",
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OfferPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="booking.offer",
                        verbose_name="tawaran",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="quotas.place",
                        verbose_name="tempat",
                    ),
                ),
                ("holder", models.UUIDField(blank=True, null=True, verbose_name="pemegang")),
            ],
            options={
                "verbose_name": "tempat yang ditawarkan",
                "verbose_name_plural": "tempat yang ditawarkan",
                "constraints": [
                    models.UniqueConstraint(fields=("offer", "place"), name="offer_place_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("holder__isnull", True), ("holder", models.F("offer")), _connector="OR"
                        ),
                        name="offer_place_held_by_its_offer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="oleh",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="alasan")),
                ("at", models.DateTimeField(verbose_name="pada")),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="booking.waitinglistentry",
                        verbose_name="daftar tunggu",
                    ),
                ),
                (
                    "old",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("waiting", "menunggu"),
                            ("placed", "mendapat tempat"),
                            ("stopped", "berhenti sendiri"),
                            ("used_up", "tawaran habis"),
                            ("booked", "sudah punya jadwal lain"),
                            ("changed", "data berubah"),
                            ("lapsed", "rentang hari sudah lewat"),
                        ],
                        max_length=10,
                        verbose_name="dari",
                    ),
                ),
                (
                    "new",
                    models.CharField(
                        choices=[
                            ("waiting", "menunggu"),
                            ("placed", "mendapat tempat"),
                            ("stopped", "berhenti sendiri"),
                            ("used_up", "tawaran habis"),
                            ("booked", "sudah punya jadwal lain"),
                            ("changed", "data berubah"),
                            ("lapsed", "rentang hari sudah lewat"),
                        ],
                        max_length=10,
                        verbose_name="menjadi",
                    ),
                ),
            ],
            options={
                "verbose_name": "riwayat daftar tunggu",
                "verbose_name_plural": "riwayat daftar tunggu",
                "ordering": ["at", "id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WaitingMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="booking.waitinglistentry",
                        verbose_name="daftar tunggu",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="offices.office",
                        verbose_name="kantor",
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="booking.applicant",
                        verbose_name="pemohon",
                    ),
                ),
                ("person_key", models.CharField(max_length=64, verbose_name="kunci orang")),
                (
                    "booking",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="booking.booking",
                        verbose_name="jadwal yang diubah",
                    ),
                ),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="keluar")),
            ],
            options={
                "verbose_name": "anggota daftar tunggu",
                "verbose_name_plural": "anggota daftar tunggu",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at__isnull", True)),
                        fields=("office", "person_key"),
                        name="waiting_member_once_an_office",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="72dc78b49b808da49c6294bbbc2e3251f6a2f687",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ae242",
                    table="booking_bookingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="brokersignalnote",
            trigger=pgtrigger.compiler.Trigger(
                name="broker_signal_note_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="50142e5f1ce5e38f78a8a875bb371cae4a6e497e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_broker_signal_note_append_only_08caf",
                    table="booking_brokersignalnote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contest",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{open:dismissed,open:lapsed,open:released,open:withdrawn}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_contestevent" line WHERE line."contest_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="27e00a74015f40d407778ef813402147d6e68156",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_1536c",
                    table="booking_contest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contest",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('open')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="b12d09a496e1f6153ef47d80c56d558d5a2d9616",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_061ab",
                    table="booking_contest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contestevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2651579f717459e9beb9bf480563de0dd4538c56",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4b0a1",
                    table="booking_contestevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="draw",
            trigger=pgtrigger.compiler.Trigger(
                name="draw_keeps_its_promise",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."window_id" IS DISTINCT FROM (NEW."window_id") OR OLD."office_id" IS DISTINCT FROM (NEW."office_id") OR OLD."seed" IS DISTINCT FROM (NEW."seed") OR OLD."seed_hash" IS DISTINCT FROM (NEW."seed_hash") OR OLD."public_source" IS DISTINCT FROM (NEW."public_source"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="2ae90a69397473106e6ccf0759c5424549a0df21",
                    operation="UPDATE",
                    pgid="pgtrigger_draw_keeps_its_promise_f2808",
                    table="booking_draw",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="draw",
            trigger=pgtrigger.compiler.Trigger(
                name="draw_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="d74f2d683581993843afb1d7b88a1a238a6b18b7",
                    operation="DELETE",
                    pgid="pgtrigger_draw_never_deleted_11079",
                    table="booking_draw",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="drawround",
            trigger=pgtrigger.compiler.Trigger(
                name="draw_round_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="71b566dd362ca9356ed3d98623d7dc90c097ba26",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_draw_round_append_only_b0979",
                    table="booking_drawround",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6645af430ae1af63c9f67befe3f02b50d077387c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1ef63",
                    table="booking_offerevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="booking",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{held:booked,held:cancelled,held:displaced,held:expired,booked:cancelled,booked:checked_in,booked:displaced,booked:no_show,displaced:booked,displaced:cancelled,checked_in:no_show,checked_in:served,no_show:checked_in}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_bookingevent" line WHERE line."booking_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="db18abbcb24abbbfd83a9f3e3cb2cf703508cdee",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_733d3",
                    table="booking_booking",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="booking",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('held', 'booked')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="161e31f18424e08b7fc486eb1f89d969c4479130",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_0b407",
                    table="booking_booking",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="restrictionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a73df33e2960cc4767b5f8a82573413283eb3840",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_72388",
                    table="booking_restrictionevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waitinglistentry",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{waiting:booked,waiting:changed,waiting:lapsed,waiting:placed,waiting:stopped,waiting:used_up}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_waitingevent" line WHERE line."entry_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="54abcb80f28f937ebd29140b052916bd92a4d01e",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_f0000",
                    table="booking_waitinglistentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waitinglistentry",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('waiting')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="3845cf9af496ed357cb63665eb227642dc48091b",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_84b66",
                    table="booking_waitinglistentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="waitingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bd6bd4615e9c604ade8b19c47dca2615480b80ff",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7f763",
                    table="booking_waitingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status"))',
                    func='IF OLD."status" || \':\' || NEW."status" <> ALL (\'{open:accepted,open:declined,open:expired,open:withdrawn}\'::text[]) THEN RAISE EXCEPTION \'Status of % may not change from "%" to "%"\', TG_TABLE_NAME, OLD."status", NEW."status"; END IF; IF (SELECT line."old" || \':\' || line."new" FROM "booking_offerevent" line WHERE line."offer_id" = NEW."id" ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || \':\' || NEW."status" THEN RAISE EXCEPTION \'Status of % may not change without its line of history\', TG_TABLE_NAME; END IF; RETURN NEW;',
                    hash="8b43e260726d98c0728db92ea6a8c92d13a8506b",
                    operation="UPDATE",
                    pgid="pgtrigger_status_moves_ca4d8",
                    table="booking_offer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (NEW.\"status\" IN ('open')))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="8a8075217f984f3300fb334d1e07c24f6c2680a4",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_85a78",
                    table="booking_offer",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(BOOKING_HOLDS_ITS_PLACE, migrations.RunSQL.noop),
        migrations.RunSQL(OFFER_HOLDS_ITS_PLACE, migrations.RunSQL.noop),
        migrations.RunSQL(BOOKING_IS_OF_ITS_SLOTS_OFFICE, migrations.RunSQL.noop),
        migrations.RunSQL(PLACE_IS_FOR_THE_SERVICE, migrations.RunSQL.noop),
        migrations.RunSQL(SERVICE_OF_A_BOOKING_EXISTS, migrations.RunSQL.noop),
    ])
