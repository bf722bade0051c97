"""The CSV connector keeps the laws over a real file."""

from connectors.csv.harness import CsvHarness
from connectors.sdk.conformance.suite import ConformanceSuite


class TestCsv(ConformanceSuite):
    """A file that people edit, too."""

    harness = CsvHarness
