"""Words in a name or an address that say that a website has several owners.

Agents and franchisees have a till of their own on the site of their brand, as have spin-offs on
that of their incubator, and daughters on that of their group. Patterns of names are for names as
:func:`daemon.domain.legal_names.normalise_name` gives them.
"""

import re
from typing import Final

from daemon.domain.word_lists import words_in

AGENT: Final = re.compile(
    r"\b(?:\w*(?:haupt|general|bezirks|gebiets|finanz)(?:vertretung|agentur|direktion|reprasentanz)"
    r"|versicherungs(?:buro|agentur|fachmann|makler)|geschaftsstelle|subdirektion|agenturleit\w+"
    r"|kundendienstburo|beratungs(?:stelle|center)|vertretung|vertrags(?:handler|partner|werkstatt)"
    r"|franchis\w+|lizenz(?:partner|nehmer)\w*|regionalpartner|licensee|authori[sz]ed dealer"
    r"|independent (?:agent|dealer|partner|distributor)"
    r"|agen[ct]s? genera(?:l|le|ux)|agence generale|agenzia(?: generale)?|subagenzia"
    r"|concessionari\w+|concessionnaire|concesionario|delegacion|agente exclusivo"
    r"|agente (?:de )?seguros|mediador"
    r"|agent d assurances?|przedstawiciel\w*|zastupitelstvi|zastoupeni|zastopstvo|forhandler"
    r"|aterforsaljare|assurandor|tussenpersoon|verzekeringskantoor|makelaarskantoor)\b"
)
"""Somebody who sells for a brand on an account of their own."""
BRANCH: Final = re.compile(
    r"\b(?:filialen?|(?:zweig)?niederlassung|zweigstelle|zweigwerk|standort|betriebsstatte|werk|sparte"
    r"|abteilung|geschaftsbereich|zentrale|division|branch(?: office)?|head ?quarters?|succursale"
    r"|sucursal|delegazione|filial|vestiging|oddzial|pobocka|podruznica|poslovalnica|avdeling"
    r"|afdeling|avdelning|toimipiste|fiok)\b"
)
"""A part of the same company, in another place."""
SPIN_OFF: Final = re.compile(
    r"\b(?:spin ?(?:off|out)s?|\w*ausgrundung\w*|startup|start up|essaimage|avknoppning|afsplitsing"
    r"|odprysk|portfolio company|incubatee|grunder(?:team|projekt))\b"
)
DAUGHTER: Final = re.compile(
    r"\b(?:tochter(?:gesellschaft|firma|unternehmen)?|subsidiary|dochter(?:onderneming)?"
    r"|datterselskap|datterselskab|dotterbolag|tytaryhtio|filiale (?:de|du|di)|filial de"
    r"|controllata|(?:a|ein|eine|une|un|una|an) (?:\w+ )?(?:company|unternehmen|firma|marke"
    r"|gesellschaft|societe|empresa|azienda) (?:of|der|des|du|de|del|della)"
    r"|(?:del|du|dello|vom|der) (?:grupo|groupe|gruppo)|spolka (?:z )?grupy|part of|member of)\b"
)
_GROUP: Final = "gruppen?|groupe?|grupp?o|grupa|skupina|[ck]on[cs]ern|konzern|holdings?"
GROUP_SITE: Final = re.compile(rf"(?:^|-)(?:{_GROUP})|(?:{_GROUP}|companies|unternehmen)$")
"""The first label of a domain that a group of companies shares."""
OWNER: Final = re.compile(
    r"(?:\binh(?:\.|aber(?:in)?\b)|\btitolare\b|\bpropri[ée]taire\b|\bpropietari[oa]\b|\bprop\."
    r"|\bowner\b|\bowned by\b|\boperated by\b|\bbetreiber(?:in)?\b|\bbetrieben von\b|\bgestito da\b"
    r"|\bexploit(?:ant|é par)\b|\bfranchise(?:e|nehmer(?:in)?)\b|\blizenznehmer(?:in)?\b"
    r"|\beigena(?:ar|resse)\b|\bindehaver\b|\binnehaver\b|\bvlasnik\b|\bmajitel(?:ka)?\b"
    r"|\bw[łl]a[śs]ciciel(?:ka)?\b|\bdue[ñn][oa]\b|\bpropriet[áa]ri[oa]\b|\btulajdonos\b"
    r"|(?<!\w)v/)\s*:?\s*([^()\[\],;|]+)",
    re.IGNORECASE,
)
"""Whose shop it is, behind the word for owner."""
PARTS: Final = re.compile(r"\s[-–—/|:]\s|[()\[\],;|]")  # noqa: RUF001 - dashes of all kinds

PLAIN_PATHS: Final = words_in(
    """
    about aktuell blog career careers center company contact de en franchise home index info
    international jobs karriere kontakt news online page pages shop site start store stores team
    unternehmen web welcome
    """
)
"""Words of addresses that tell nothing about whose page it is, though names have them, too."""
IDLE_WORDS: Final = words_in(
    """
    am an at auf aus bei beim by chez das den dem die du ein eine en et for fra from fur i im in
    na nad no on par per po pod pour pri sur u uber uit und unter van vid vom von w with y z za zu
    zum zur
    aktie cie corp firma firm group groupe gruppe grupo gruppo haus mr mrs ms ing dipl dr med mag
    mbh prof
    associates bros brothers brother colleagues company contractors figli filhos fils hijos kollegen
    partner partners sinovi sohn sohne son sons synowie team und zonen
    """
)
"""Words that make no name another one."""
