from django.db import migrations, models
from django.db.models import Count, Q

from booking.codes import new_code


def give_codes(apps, schema_editor):
    """Families that were booked before get a code too."""
    party_model = apps.get_model("booking", "Party")
    for party in party_model.objects.annotate(people=Count("bookings")).filter(people__gt=1):
        party_model.objects.filter(pk=party.pk).update(code=new_code())


class Migration(migrations.Migration):

    dependencies = [("booking", "0013_excuses_and_reminders")]

    operations = [
        migrations.AddField(
            model_name="party",
            name="code",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=12,
                verbose_name="kode rombongan",
            ),
        ),
        migrations.RunPython(give_codes, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(
                condition=Q(("code", ""), _negated=True),
                fields=("code",),
                name="party_code_once",
            ),
        ),
    ]
