import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Live mocks: what two people agree on, the second seat of an interview, and follow-ups in its words."""

    dependencies = [
        ('accounts', '0011_speaking'),
        ('interviews', '0032_language_model'),
        ('questions', '0013_hints'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LiveMock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('call_url', models.URLField(blank=True, help_text='Where they talk; nothing of the talk is kept here.')),
                ('starts_at', models.DateTimeField(blank=True, help_text='Empty: as soon as both are there.', null=True)),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='interviewquestion',
            name='no_follow_up_comes_twice',
        ),
        migrations.RemoveConstraint(
            model_name='interviewquestion',
            name='follow_up_has_its_probe',
        ),
        migrations.AddField(
            model_name='interview',
            name='second_seat',
            field=models.ForeignKey(blank=True, help_text='Who sits beside the candidate, sees the answers as they are saved and asks back, while it runs.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='seats', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='interviewquestion',
            name='ask',
            field=models.TextField(blank=True, db_default='', default='', help_text='Of a follow-up in the words of who sat beside the candidate.'),
        ),
        migrations.AddField(
            model_name='interviewquestion',
            name='taken_until',
            field=models.DateTimeField(blank=True, help_text='Closed by the second seat: until when text that was on its way counts.', null=True),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=models.CheckConstraint(condition=models.Q(('second_seat__isnull', True), ('state', 'in_progress'), _connector='OR'), name='second_seat_ends_with_interview'),
        ),
        migrations.AddConstraint(
            model_name='interview',
            constraint=models.CheckConstraint(condition=models.Q(('second_seat__isnull', True), models.Q(('second_seat', models.F('candidate')), _negated=True), _connector='OR'), name='nobody_sits_beside_themselves'),
        ),
        migrations.AddConstraint(
            model_name='interviewquestion',
            constraint=models.UniqueConstraint(condition=models.Q(('follows__isnull', False)), fields=('follows', 'probe', 'ask'), name='no_follow_up_comes_twice', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='interviewquestion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('follows__isnull', True), ('probe__isnull', True)), models.Q(('follow_up_places', 0), ('follows__isnull', False), models.Q(('probe__isnull', False), models.Q(('ask', ''), _negated=True), _connector='OR')), _connector='OR'), name='follow_up_has_its_probe_or_words'),
        ),
        migrations.AddField(
            model_name='livemock',
            name='candidate',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='live_mocks', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='livemock',
            name='interview',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='live_mock', to='interviews.interview'),
        ),
        migrations.AddField(
            model_name='livemock',
            name='interviewer',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='live_mocks_held', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='livemock',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='livemock',
            name='proposed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='livemock',
            name='track',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='questions.track'),
        ),
        migrations.AddConstraint(
            model_name='livemock',
            constraint=models.CheckConstraint(condition=models.Q(('candidate__isnull', True), ('interviewer__isnull', True), models.Q(('candidate', models.F('interviewer')), _negated=True), _connector='OR'), name='live_mock_has_two_people'),
        ),
        migrations.AddConstraint(
            model_name='livemock',
            constraint=models.CheckConstraint(condition=models.Q(('candidate__isnull', False), ('interviewer__isnull', False), _connector='OR'), name='live_mock_has_a_person'),
        ),
        migrations.AddConstraint(
            model_name='livemock',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_at__isnull', True), models.Q(('candidate__isnull', False), ('interviewer__isnull', False)), _connector='OR'), name='live_mock_is_agreed_by_two'),
        ),
        migrations.AddConstraint(
            model_name='livemock',
            constraint=models.CheckConstraint(condition=models.Q(('interview__isnull', True), models.Q(('agreed_at__isnull', False), ('cancelled_at__isnull', True)), _connector='OR'), name='live_mock_is_agreed_before_it_starts'),
        ),
    ]
