
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_names_that_show'),
        ('interviews', '0024_spoken_questions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Preparation',
            fields=[
                ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='preparation', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('interview_on', models.DateField(blank=True, null=True)),
                ('interview_time', models.TimeField(blank=True, null=True)),
                ('tracks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text='Slugs, the main one first.', size=None)),
                ('minutes_a_day', models.PositiveSmallIntegerField(default=30)),
                ('days_off', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, help_text='0 is Monday.', size=None)),
                ('feed_hash', models.CharField(blank=True, help_text="SHA-256 of the calendar address's token.", max_length=64, null=True, unique=True)),
                ('feed_made_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('minutes_a_day__gte', 5), ('minutes_a_day__lte', 480)), name='minutes_a_day_5_to_480'), models.CheckConstraint(condition=models.Q(('feed_hash__isnull', True), ('feed_made_at__isnull', False), _connector='OR'), name='feed_says_when_it_was_made')],
            },
        ),
        migrations.CreateModel(
            name='Debrief',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_on', models.DateField()),
                ('asked', models.TextField(blank=True)),
                ('surprised', models.TextField(blank=True)),
                ('went', models.PositiveSmallIntegerField(blank=True, choices=[(1, 'Badly'), (2, 'So-so'), (3, 'Well'), (4, 'Very well')], null=True)),
                ('round', models.CharField(blank=True, max_length=100)),
                ('company', models.CharField(blank=True, max_length=100)),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text='Slugs of what to practise.', size=None)),
                ('written_at', models.DateTimeField()),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='debriefs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-held_on', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('went__isnull', True), models.Q(('went__gte', 1), ('went__lte', 4)), _connector='OR'), name='debrief_went_1_to_4')],
            },
        ),
    ]
