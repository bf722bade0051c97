"""Companies in CSV files: an export that new ones are added to, an import that counts as known."""

from connectors.csv.connector import CAPABILITIES, CsvConnector
from connectors.csv.options import CsvOptions
from connectors.sdk.capabilities import Guarantee
from connectors.sdk.protocol import ConnectorPlugin

__all__ = ["CsvConnector", "CsvOptions", "connector"]

connector = ConnectorPlugin(
    name="csv",
    version="1.0",
    options=CsvOptions,
    capabilities=CAPABILITIES,
    guarantee=Guarantee(
        key="The file's column prospectd_key, checked under a lock on every addition.",
        killed_mid_write=(
            "The file is replaced whole or not at all; what was added is seen by its key."
        ),
        replicas_race=(
            "The lock lets one writer at a time in, on one file system that has such locks."
        ),
        person_races=(
            "Not prevented: somebody who has the file open and saves it later undoes additions."
        ),
        repaired="A row that vanished shows in the next listing and is reported.",
    ),
    open=CsvConnector,
    secrets=(),
)
