"""One mailbox, one spelling: the only place that decides how an e-mail address is written down and compared.

`user@münchen.de` and `user@xn--mnchen-3ya.de` are one mailbox, and so are all cases of it. The second is what mail
servers are told, so it is what we keep.
"""

import idna


def canonical(address: str) -> str:
    """In small letters, its domain as mail servers are told it. What is no address, or no domain, stays as it is."""
    name, at, domain = address.strip().lower().rpartition("@")
    return f"{name}@{_ascii(domain)}" if at else domain


def readable(address: str) -> str:
    """As its owner would write it: for showing, never for comparing."""
    name, at, domain = address.rpartition("@")
    try:
        return name + at + idna.decode(domain)
    except idna.IDNAError:
        return address


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        pass
    try:
        return domain.encode("idna").decode()  # the standard before, by which ☃.de got its name; so mail is sent
    except UnicodeError:
        return domain
