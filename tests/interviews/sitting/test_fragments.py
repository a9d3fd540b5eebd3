from uuid import uuid4

from django.urls import reverse

from interviews.sitting.fast.fragments import NOBODY, addresses


def test_the_filled_in_addresses_are_those_that_django_would_reverse():
    public_id, position = uuid4(), 7
    found = addresses(public_id, position)
    acts = {f"{act}_url": [public_id, position] for act in ("save", "submit", "skip", "go_on")}
    acts |= {
        "finish_url": [public_id],
        "pause_url": [public_id],
        "write_instead_url": [public_id],
        "recording_url": [public_id, position, NOBODY],
    }
    assert found == {
        name: reverse(f"interviews:{name.removesuffix('_url')}", args=arguments) for name, arguments in acts.items()
    }
