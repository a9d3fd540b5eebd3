from django import template

from interviews.sitting.clock_text import clock, duration, urgency

register = template.Library()
register.filter(clock)
register.filter(urgency)
register.filter(duration)
