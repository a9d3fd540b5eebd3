"""When something is due, in words, counted in the reader's own days."""

from datetime import date

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def days_left(due_on: date) -> int:
    return (due_on - timezone.localdate()).days


@register.filter
def due_words(due_on: date) -> str:
    days = days_left(due_on)
    words = {-1: "Due yesterday", 0: "Due today", 1: "Due tomorrow"}
    return words.get(days, f"Due in {days} days" if days > 0 else f"Due {-days} days ago")
