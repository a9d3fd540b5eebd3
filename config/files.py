"""Where people's files lie, in the words of Django's STORAGES."""


def file_storage(*, bucket: str, endpoint: str) -> dict:
    """A bucket of S3's kind where one is named, or else the folder MEDIA_ROOT."""
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    from botocore.config import Config  # slow to import: only where it is needed

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "default_acl": None,
            "file_overwrite": False,
            # boto3 would let a bucket that is away hold a request for minutes.
            "client_config": Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2}),
        },
    }
