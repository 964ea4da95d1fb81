"""What ends the processes that we started when we ourselves are gone, however we died."""

from psmp.leash.leash import Leash, LeashLost

__all__ = ["Leash", "LeashLost"]
