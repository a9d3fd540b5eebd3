from django import template

from accounts import addresses

register = template.Library()
register.filter(addresses.readable)
