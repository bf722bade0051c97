"""Laws of what a plugin declares, and of opening, preparing and closing."""

from connectors.sdk.capabilities import Incremental
from connectors.sdk.conformance.harness import Harness
from connectors.sdk.conformance.laws.reading import readable
from connectors.sdk.conformance.stage import Lab
from connectors.sdk.conformance.verdict import applies, require
from connectors.sdk.faults import Fault
from connectors.sdk.options import ConnectorOptions
from connectors.sdk.protocol import Level


def plugin_says_what_it_is(lab: Lab) -> None:
    """Name, version and every sentence of the guarantee are there."""
    plugin = lab.stage().harness.plugin
    require(plugin.name and plugin.version, "the plugin has no name or no version")
    promise = plugin.guarantee
    sentences = {
        "key": promise.key,
        "killed_mid_write": promise.killed_mid_write,
        "replicas_race": promise.replicas_race,
        "person_races": promise.person_races,
        "repaired": promise.repaired,
    }
    empty = [name for name, sentence in sentences.items() if not sentence.strip()]
    require(not empty, f"the guarantee says nothing for {empty}")


def options_hold_no_secret(lab: Lab) -> None:
    """Each secret is named by an option for the environment and one for a file, never by value."""
    plugin = lab.stage().harness.plugin
    require(issubclass(plugin.options, ConnectorOptions), "options must be ConnectorOptions")
    names = set(plugin.options.model_fields)
    wanted = {f"{secret}_{place}" for secret in plugin.secrets for place in ("env", "file")}
    require(wanted <= names, f"the options lack {sorted(wanted - names)}")
    shown = names & set(plugin.secrets)
    require(not shown, f"the options take a secret by value: {sorted(shown)}")
    extra = plugin.options.model_config.get("extra")
    require(extra == "forbid", "unknown options are not refused: a typing mistake would pass")


def capabilities_fit_together(lab: Lab) -> None:
    """What is declared does not contradict itself, before and after opening."""
    stage = lab.stage()
    opened = stage.ready()
    for known in (stage.harness.plugin.capabilities, opened.capabilities):
        require(known.batch_size >= 1, "batch_size is less than one")
        require(known.settling.total_seconds() >= 0, "settling is negative")
        feed = known.incremental is not Incremental.NONE
        told = known.sees_deletions or known.sees_merges
        require(feed or not told, "deletions or merges are seen in a feed that there is not")
        require(known.mirrors or known.pushes, "it neither mirrors nor pushes")
        require(known.mirrors or not feed, "changes are declared for what cannot be read")


def what_is_declared_can_be_tried(lab: Lab) -> None:
    """The harness implements each act that the capabilities speak of."""
    stage = lab.stage()
    known = stage.ready().capabilities
    acts = {
        "person_edits": known.incremental is Incremental.MODIFIED_SINCE,
        "person_deletes": known.sees_deletions,
        "person_merges": known.sees_merges or known.can_merge,
        "creates_late": bool(known.settling) and known.incremental is not Incremental.NONE,
    }
    kind = type(stage.harness)
    missing = [
        name
        for name, needed in acts.items()
        if needed and getattr(kind, name) is getattr(Harness, name)
    ]
    require(not missing, f"the capabilities speak of it, but the harness lacks {missing}")


def schema_is_made_once(lab: Lab) -> None:
    """Preparing a fresh CRM works, twice and by a second connector, and a probe is content then."""
    stage = lab.stage()
    opened = stage.open()
    other = stage.open()
    rounds = [
        opened.connector.ensure_schema(),
        opened.connector.ensure_schema(),
        other.connector.ensure_schema(),
        opened.connector.probe(),
    ]
    problems = [each.text for found in rounds for each in found if each.level is Level.PROBLEM]
    require(not problems, f"in a CRM that allows everything: {problems}")


def probe_changes_nothing(lab: Lab) -> None:
    """A probe says something, and leaves the CRM's records as they are."""
    stage = lab.stage()
    opened = stage.open()
    if opened.capabilities.mirrors:
        stage.people_add(2)
    before = stage.live_ids()
    require(opened.connector.probe(), "the probe says nothing at all")
    require(stage.live_ids() == before, "the probe changed the CRM")


def close_can_be_repeated(lab: Lab) -> None:
    """Closing before anything was done, and closing twice, are both fine."""
    stage = lab.stage()
    opened = stage.open()
    for _ in range(2):
        opened.connector.close()


def merge_keeps_the_survivor(lab: Lab) -> None:
    """Where a connector can merge, one record is left: the one that was said to survive."""
    stage, opened = readable(lab)
    applies(opened.capabilities.can_merge, "this connector does not merge")
    survivor, lost = stage.people_add(2)
    opened.connector.merge(survivor_id=survivor, lost_id=lost)
    require(stage.live_ids() == {survivor}, f"after the merge there are {stage.live_ids()}")
    try:
        opened.connector.merge(survivor_id=survivor, lost_id=lost)
    except Fault:
        return
    require(stage.live_ids() == {survivor}, "a repeated merge did something else")


LAWS = (
    plugin_says_what_it_is,
    options_hold_no_secret,
    capabilities_fit_together,
    what_is_declared_can_be_tried,
    schema_is_made_once,
    probe_changes_nothing,
    close_can_be_repeated,
    merge_keeps_the_survivor,
)
