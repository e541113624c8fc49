"""A counter serves one person at a time, on paper too: two lines of one counter never share a moment."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import migrations, models

from offices.dated import MomentRange


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("counters", "0050_refused_visits"),
        ("offices", "0060_staffing"),
    ]
    operations: ClassVar = [
        # What was entered before is not marked, and so not judged.
        migrations.AddField(
            model_name="countersession",
            name="is_from_paper",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="dari daftar kertas"
            ),
        ),
        migrations.AddConstraint(
            model_name="countersession",
            constraint=ExclusionConstraint(
                name="counter_session_one_paper_line_at_a_time",
                expressions=[
                    ("counter", "="),
                    (MomentRange(models.F("opened_at"), models.F("closed_at")), "&&"),
                ],
                condition=models.Q(is_from_paper=True),
            ),
        ),
    ]
