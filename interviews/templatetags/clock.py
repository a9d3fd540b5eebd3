from django import template

from interviews.sitting.clock_text import allowance, clock, duration, time_used, urgency

register = template.Library()
register.filter(clock)
register.filter(urgency)
register.filter(duration)
register.filter(time_used)
register.filter(allowance)
