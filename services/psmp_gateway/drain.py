"""Whether a gateway is being drained: it takes no new live readers, sends those it has away, and says so to probes."""

from psmp.service.statistics import Statistics


class Drain:
    """Begun or not."""

    def __init__(self) -> None:
        self.begun = False

    def begin(self) -> None:
        """From now on."""
        self.begun = True

    def end(self) -> None:
        """No longer."""
        self.begun = False

    def describe(self) -> Statistics:
        """As trouble, for whoever would send somebody here."""
        return Statistics("drain", trouble="the gateway is being drained" if self.begun else "")
