"""How often BigCommerce may be called. Its notes, §5."""

from connections.call_limits import CallLimits, Headers, Window

RESET = "x-rate-limit-time-reset-ms"


def window_of(headers: Headers) -> Window | None:
    """Its rate headers; None when an answer has none that can be read."""
    try:
        return Window(
            quota=int(headers["x-rate-limit-requests-quota"]),
            left=int(headers["x-rate-limit-requests-left"]),
            reset_seconds=int(headers[RESET]) / 1000,
        )
    except (KeyError, ValueError):
        return None


def reset_of(headers: Headers) -> float | None:
    """Seconds until the window is over, which a 429 names alone."""
    told = headers.get(RESET, "")
    return int(told) / 1000 if told.isdecimal() else None


LIMITS = CallLimits(
    quota=150.0,  # of the smallest plan
    window_seconds=30.0,
    untold_seconds=1.0,  # an overload asks for half a minute: the sixth in a row has it
    tries=2,  # it asks for long pauses when trouble comes again
    window_of=window_of,
    reset_of=reset_of,
)
