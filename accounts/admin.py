import allauth.mfa.admin
import allauth.usersessions.admin  # both register what is replaced below  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.names import WithName
from accounts.rights import RightEvent, acting

admin.site.unregister([Authenticator, UserSession])  # their pages show secrets and addresses that no admin needs
admin.site.unregister(Group)


class Record:
    """Nothing can be added, changed or deleted here."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class Recorded:
    """What is changed here goes down in the record of rights as done by whoever is logged in."""

    def changeform_view(self, request, *args, **kwargs):
        with acting(request.user):
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request, *args, **kwargs):
        with acting(request.user):
            return super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request, *args, **kwargs):
        """Its actions change, too."""
        with acting(request.user):
            return super().changelist_view(request, *args, **kwargs)


class UserCreation(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email"]


@admin.register(User)
class UserAdmin(Recorded, DjangoUserAdmin):
    add_form = UserCreation
    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_superuser", "is_active", "is_guest", "groups"]
    search_fields = ["email", "name"]
    fieldsets = [
        (None, {"fields": ["email", "name"]}),
        (
            "Preferences",
            {
                "fields": [
                    "time_zone",
                    "time_multiplier",
                    "target_level",
                    "hides_timers",
                    "uses_shortcuts",
                    "speaks",
                    "hears_questions",
                ]
            },
        ),
        ("Permissions", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["last_login", "date_joined", "erase_at"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]})]
    readonly_fields = ["last_login", "date_joined", "erase_at"]

    def get_readonly_fields(self, request, obj=None):
        """Whoever sets somebody's address or password can log in as them, and read along."""
        return [*self.readonly_fields, *(["email"] if obj else [])]

    def user_change_password(self, request, id, form_url=""):
        if id != str(request.user.pk):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def has_delete_permission(self, request, obj=None):
        """People switch an account off here; their record is append-only and goes by its own way."""
        return False


class GroupForm(WithName, forms.ModelForm):
    pass


@admin.register(Group)
class GroupAdmin(Recorded, DjangoGroupAdmin):
    """Deleting one takes its role from everybody who has it."""

    form = GroupForm


@admin.register(RightEvent)
class RightEventAdmin(Record, admin.ModelAdmin):
    """Who was given which role or grant, when and by whom."""

    fields = list_display = ["at", "change", "right", "to", "whose_interviews", "by"]
    list_select_related = ["person", "grant__candidate", "actor"]
    list_filter = ["is_given"]
    search_fields = ["person__email", "right"]
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description="")
    def change(self, event):
        return "given" if event.is_given else "taken"

    @admin.display(description="to or from")
    def to(self, event):
        return event.person.email

    @admin.display(description="whose interviews")
    def whose_interviews(self, event):
        return event.grant and event.grant.candidate.email

    @admin.display(description="by", empty_value="a command, or somebody deleted")
    def by(self, event):
        return event.actor and event.actor.email


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """For who has lost phone, key and recovery codes: deleting their second factor here lets them in again."""

    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]
    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
