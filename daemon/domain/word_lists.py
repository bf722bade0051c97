"""Long lists of words, written as running text."""


def words_in(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def phrases_in(text: str) -> frozenset[tuple[str, ...]]:
    """The phrases of a text that "|" separates, each as its words."""
    return frozenset(tuple(phrase.split()) for phrase in text.split("|"))


def pairs_in(text: str) -> dict[str, str]:
    """The pairs of a text: each word before a ":" with the one behind it."""
    return dict(pair.split(":") for pair in text.split())
