"""How long somebody else's machine may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Limits in seconds.

    Attributes:
        connect: until a connection stands.
        silence: between two pieces of what is sent; a model that thinks sends thoughts now and then.
        whole: for one answer, pauses and further tries included.
        wait: the longest pause before another try; where more is asked for, there is none.
        tries: how often an order is sent at most, the first time included.
        pause: before the second try where the other side names no time; it doubles with each further one.
    """

    connect: float = 10.0
    silence: float = 120.0
    whole: float = 300.0
    wait: float = 20.0
    tries: int = 3
    pause: float = 1.0
