def never_interrupted(view):
    """Marks a view in which somebody sits an interview of their own.

    No rule about log-ins (a second factor that is missing, a session that has lasted long) stands between them and
    their text; what they may see is decided by the view as ever.
    """
    view.is_never_interrupted = True
    return view


def kept_until_logged_in(owner_of):
    """Marks a view whose form is kept while its sender logs in again (accounts/kept_forms.py).

    `owner_of` gets what the address names, and says whose form it must be: a person's primary key, or None.
    """

    def mark(view):
        view.kept_for = owner_of
        return view

    return mark
