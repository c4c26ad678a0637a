"""WebAddress: where a message is posted. It is a secret: whoever knows it can post there, too."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, SecretStr


def _checked(address: SecretStr) -> SecretStr:
    if not address.get_secret_value().startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return address


WebAddress = Annotated[SecretStr, AfterValidator(_checked)]


def post(address: SecretStr, data: bytes, content_type: str, timeout_seconds: float) -> None:
    """Post data and wait for the answer. Blocks.

    Raises ConnectionError without the address in its message if the answer is no success or there is none.
    """
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    try:
        request = Request(address.get_secret_value(), data, {"Content-Type": content_type, "User-Agent": "flowrun"})
        with urlopen(request, timeout=timeout_seconds):
            return
    except HTTPError as error:
        error.close()
        raise ConnectionError(f"the answer was HTTP status {error.code}") from None
    except URLError as error:
        raise ConnectionError(str(getattr(error.reason, "strerror", None) or error.reason)) from None
    except (OSError, ValueError) as error:
        raise ConnectionError(f"no connection ({type(error).__name__})") from None
