"""Whether what was decided is decided the same again, for tests of any kind."""

from collections import Counter
from collections.abc import Iterable, Sequence

from psmp.cli.deciding import decided
from psmp.wire.mended import MendedClient
from psmp.words.fidelity import Count, Fidelity, summed
from psmp.words.ids import ProjectKey


async def replayed(nats: MendedClient, keys: Sequence[ProjectKey]) -> list[Fidelity]:
    """What ``psmp replay --decisions`` finds of these projects."""
    return [each async for each in decided(nats, keys)]


def faithful(found: Iterable[Fidelity]) -> Count:
    """Sees that all that can be decided again was decided the same; how much that is."""
    each = list(found)
    assert [deviation for one in each for deviation in one.deviations] == []
    assert [one.damage for one in each if one.damage] == []
    total = summed(one.total for one in each)
    assert total.fidelity == 100
    assert total.gone == 0, sum((Counter(one.why) for one in each), Counter())
    return total
