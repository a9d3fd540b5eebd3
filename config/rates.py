"""How often something may be done, in allauth's words: `8/5m/key` is eight times in five minutes for one account.

allauth counts what is its own, config/limits.py the rest, accounts/attempts.py wrong passwords.
"""

import environ


def rates(env: environ.Env, *, debug: bool) -> dict[str, str | None]:
    """Strict for one account, wide for one address: a class room sits behind one. The account comes first, so that what
    is refused there costs the address nothing. While developing, one tries things out.
    """
    trials = env.int("TRIALS_PER_HOUR", default=1000 if debug else 200)
    uploads = env.int("UPLOADS_PER_HOUR", default=1000 if debug else 60)
    exports = env.int("EXPORTS_PER_HOUR", default=1000 if debug else 5)
    return {
        "login": None,
        "login_failed": "8/5m/key",  # codes of the second factor
        "signup": "200/h/ip",
        "reset_password": "5/h/key,200/h/ip",
        "reset_password_from_key": "200/m/ip",
        # Ours.
        "trial": f"{trials}/h/ip",
        "keep": "60/h/key",  # forms of somebody whose log-in had ended (accounts/kept_forms.py)
        "invite": f"{1000 if debug else 30}/h/user",
        "upload": f"{uploads}/h/user",
        "export": f"{exports}/h/user",
        # A page sends a piece every two seconds, and faster only what it could not send before.
        "record": "240/m/user",
    }
