"""The connector to SampleCrm."""

from connectors.sdk.capabilities import Guarantee
from connectors.sdk.protocol import ConnectorPlugin
from connectors.sdk.skeleton.samplecrm.connector import (
    CAPABILITIES,
    SampleCrmConnector,
    SampleCrmOptions,
)

connector = ConnectorPlugin(
    name="samplecrm",
    version="0.1.0",
    options=SampleCrmOptions,
    capabilities=CAPABILITIES,
    guarantee=Guarantee(
        key="external_key, a unique field of SampleCrm that holds the company's domain.",
        killed_mid_write="The company is read back by external_key before anything is sent again.",
        replicas_race="The second create is refused with 409: one record is left.",
        person_races="Not prevented: people fill in no external_key. It is seen afterwards.",
        repaired="The pair is reported for review after the settling time.",
    ),
    open=SampleCrmConnector,
)
