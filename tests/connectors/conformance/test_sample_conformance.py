"""The sample connector, which every new one starts from, keeps every law over HTTP."""

from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.sdk.skeleton.samplecrm.harness import SampleCrmHarness


class TestSampleCrm(ConformanceSuite):
    """Against the simulated SampleCrm."""

    harness = SampleCrmHarness
