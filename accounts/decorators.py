def never_interrupted(view):
    """Marks a view in which somebody sits an interview of their own.

    No rule about log-ins (a second factor that is missing, a session that has lasted long) stands between them and
    their text; what they may see is decided by the view as ever.
    """
    view.is_never_interrupted = True
    return view
