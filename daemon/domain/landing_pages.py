"""Pages that tell nothing of whose they are: of parked domains, and doors that ask for a login.

Data, and the questions about it. A name that is missing here costs a look by a person, no more: a
redirect alone never makes a company a known one.
"""

import re
from typing import Final

from daemon.domain.web_addresses import WebAddress
from daemon.domain.word_lists import words_in

DOMAIN_TRADERS: Final = words_in(
    """
    4.cn 22.cn above.com active24.cz aftermarket.pl afternic.com aliyun.com arsys.es aruba.it
    atom.com auda.org.au bodis.com bluehost.com brandbucket.com buydomains.com buydomains.co.uk
    cashparking.com catch.club checkdomain.de combell.com crazydomains.com dan.com denic.de
    dns.com domain.com domainagents.com domainfactory.de domaineasy.com domainlore.uk
    domainmarket.com domainname.de domainnamesales.com domains.google dopa.com dreamhost.com
    dropcatch.com dynadot.com efty.com elephantorders.com ename.com ename.net enom.com epik.com
    eurodns.com fabulous.com fasthosts.co.uk flippa.com forsale.com freenom.com gandi.net
    giantpanda.com gname.com godaddy.com gmo.jp hetzner.com home.pl hostgator.com hosteurope.de
    hostinger.com hostpoint.ch hover.com hugedomains.com infomaniak.com ionos.at ionos.co.uk
    ionos.com ionos.de ionos.es ionos.fr ionos.it inwx.de joker.com juming.com kasserver.com
    key-systems.net loopia.com loopia.se mailclub.com markmonitor.com mydomaincontact.com
    name.com namebright.com namecheap.com namedrive.com namejet.com nameshift.com namesilo.com
    nazwa.pl networksolutions.com nic.ru nicsell.com njalla.com nominet.uk onamae.com one.com
    oneandone.com ovh.com ovhcloud.com park.io parking.ru parkingcrew.com parkingcrew.net
    parklogic.com perfectdomain.com porkbun.com premiumdomains.com reg.ru register.com
    register.it rook.com rookdns.com sav.com saw.com secureserver.net sedo.com sedo.de
    sedoparking.com selz.com siteground.com smartname.com snapnames.com spaceship.com
    squadhelp.com strato.de superhosting.bg synergywholesale.com tcpdiag.net trademarkia.com
    transip.eu transip.nl tucows.com undeveloped.com unaux.com undertheparking.com uniregistry.com
    united-domains.de voodoo.com wedos.com west.cn world4you.com xinnet.com zeropark.com
    """
)
"""Where domains are sold, parked, and kept: a redirect there says that nobody uses the domain."""

_DOORS: Final = words_in(
    """
    account accounts adfs auth auth0 authenticate authentication captcha cas challenge consent
    identity idp login logon oauth okta passport saml secure-login signin sso
    """
)
_DOOR_PAGE: Final = re.compile(
    r"/(?:(?:users?|accounts?|members?|wp-)[/_.-]?)?"
    r"(?:adfs|anmelden|auth|authorize|captcha|cas|connexion|log[_-]?[io]n|oauth2?|saml2?"
    r"|sign[_-]?in|sso|session/new)(?:[/.?;]|$)",
    re.IGNORECASE,
)
_DOOR_QUERY: Final = re.compile(r"[?&](?:SAMLRequest|client_id|response_type)=", re.IGNORECASE)
_SALE: Final = re.compile(
    r"(?:^|[/.])(?:for-?sale|parked|parking-?page)(?:[/.?]|$)|buy-?(?:this-?)?domain"
    r"|domain[-_]?(?:for-?sale|parking|profile)|suspended(?:page|domain)",
    re.IGNORECASE,
)
_NAMES_A_DOMAIN: Final = "(?:d|dn|domain|domain_?name|q)="


def is_parking_page(address: WebAddress, landing: str, domain: str) -> bool:
    """Whether a page at the registered domain ``landing`` only says that ``domain`` is unused."""
    if landing in DOMAIN_TRADERS or _SALE.search(f"{address.host}{address.target}"):
        return True
    named = re.escape(domain)
    # A path or a parameter that is the domain itself; a new owner who counts visitors by where
    # they came from (utm_source=acme.com) is none of these.
    found = re.search(
        rf"(?:/|[?&]{_NAMES_A_DOMAIN})(?:www\.)?{named}(?:[/?&]|$)", address.target, re.IGNORECASE
    )
    return found is not None


def is_login_page(address: WebAddress, landing: str) -> bool:
    """Whether a page at the registered domain ``landing`` is a door: a login, a consent, a test."""
    labels = address.host.removesuffix(landing).rstrip(".").split(".")
    if not _DOORS.isdisjoint(labels):
        return True
    return bool(_DOOR_PAGE.search(address.target) or _DOOR_QUERY.search(address.target))
