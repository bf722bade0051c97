"""Long lists of words, written as running text."""


def words_in(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def phrases_in(text: str) -> frozenset[tuple[str, ...]]:
    """The phrases of a text that "|" separates, each as its words."""
    return frozenset(tuple(phrase.split()) for phrase in text.split("|"))
