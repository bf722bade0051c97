"""A handful of companies that every query finds many of, so that searches meet all the time."""

from daemon.sandbox.chance import fraction, mix, mix_text
from daemon.sandbox.vocabulary import load_vocabulary
from daemon.sandbox.worlds import Match, World, WorldCompany

_FOUND_SHARE = 0.7


class SmallWorld(World):
    """A world in which a query means about two companies of three, whatever it says."""

    def __init__(self, *, seed: int, size: int) -> None:
        super().__init__(seed=seed, size=size, vocabulary=load_vocabulary())
        self._made: dict[int, WorldCompany] = {}

    def company(self, index: int) -> WorldCompany:
        """The company with this number, made once."""
        if index not in self._made:
            self._made[index] = super().company(index)
        return self._made[index]

    def search(self, query: str) -> list[Match]:
        """What the query means, the best first."""
        salt = mix_text(query)
        matches = [
            Match(index=index, fit=0.4 + 0.6 * chance)
            for index in range(self.size)
            if (chance := fraction(mix(salt ^ index))) < _FOUND_SHARE
        ]
        return sorted(matches, key=lambda match: (-match.fit, match.index))
