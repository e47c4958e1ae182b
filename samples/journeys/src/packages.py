# What schemathesis needs to know of packages: they are bytes, and so is what it makes up in their place.
import schemathesis

MEDIA_TYPE = "application/miniapp-pkg+zip"


def as_bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.serializer(MEDIA_TYPE)
def write(ctx, value):
    return {"data": as_bytes(value)}


@schemathesis.deserializer(MEDIA_TYPE)
def read(ctx, response):
    return response.content.decode("latin-1")
