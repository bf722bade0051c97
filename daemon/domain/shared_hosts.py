"""Hosts on which many companies live: which of them tell a company apart, and by what.

Data only. The public suffix list's private section covers most hosts of customers; those below are
missing there. Everything is lower case and in A-labels.
"""

import re
from dataclasses import dataclass
from typing import Final

from daemon.domain.word_lists import words_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedHost:
    """A host whose paths belong to different companies.

    ``pages`` is matched against the path and query without the leading slash; its groups joined
    by "/" behind ``name`` identify the page's owner. ``own_site``: without any path the host is
    the website of the company that runs it, so that it identifies that one.
    """

    name: str
    pages: re.Pattern[str]
    own_site: bool = False


def _shared(name: str, pages: str, *, own_site: bool = False) -> SharedHost:
    return SharedHost(name=name, pages=re.compile(pages, re.IGNORECASE), own_site=own_site)


def _not(words: str) -> str:
    """A look-ahead that refuses paths whose first part is one of the words."""
    return rf"(?!(?:{words})(?:[/?#]|$))"


_PART: Final = r"([^/?#]+)"

_FACEBOOK: Final = _shared(
    "facebook.com",
    r"profile\.php\?(?:[^#]*&)?id=(\d+)"
    r"|(?:people|pages)/(?:category/[^/]+/)?[^/]+/(\d+)"
    r"|(?:pages/category/[^/]+/|pg/|p/)?"
    + _not(
        r"sharer?|sharer\.php|share\.php|login|login\.php|home\.php|profile\.php|l\.php|events?|"
        r"marketplace|watch|hashtag|help|policies|privacy|dialog|plugins|tr|search|story\.php|"
        r"photo|photo\.php|photos|media|reel|stories|groups|pages|people|pg|p|public|business|ads"
    )
    + _PART,
)
_X: Final = _shared(
    "x.com",
    r"(?:#!/)?@?"
    + _not("i|home|intent|share|hashtag|search|login|explore|settings|privacy|tos|about|download")
    + r"([a-z0-9_]+)",
)
_GOOGLE: Final = _shared(
    "google.com/maps", r"(?:maps(?:/[^?]*)?)?\?(?:[^#]*&)?(?:cid|place_id)=([^&#]+)", own_site=True
)
_NO_PAGE: Final = r"(?!)()"

SHARED_HOSTS: Final[dict[str, SharedHost]] = {
    "linkedin.com": _shared(
        "linkedin.com",
        r"(?:mwlite/|organization-guest/|sales/)?(company|school|showcase|in)(?:-beta)?/" + _PART,
    ),
    "facebook.com": _FACEBOOK,
    "fb.com": _FACEBOOK,
    "instagram.com": _shared(
        "instagram.com",
        _not("p|explore|accounts|reels?|tv|stories|share|about|legal|developer") + r"([a-z0-9_.]+)",
    ),
    "x.com": _X,
    "twitter.com": _X,
    "threads.net": _shared("threads.net", "@" + _PART),
    "threads.com": _shared("threads.net", "@" + _PART),
    "tiktok.com": _shared("tiktok.com", "@" + _PART),
    "youtube.com": _shared(
        "youtube.com",
        r"(@[^/?#]+)|(channel|c|user)/"
        + _PART
        + "|"
        + _not(
            "watch|playlist|results|feed|shorts|embed|live|v|t|about|premium|gaming|channel|c|user"
        )
        + r"([^/?#@]+)",
    ),
    "vk.com": _shared("vk.com", _not("feed|wall|share|away|search") + _PART),
    "t.me": _shared("t.me", "(?:s/)?" + _not("joinchat|share|s") + r"([^/?#+]+)"),
    "telegram.me": _shared("t.me", "(?:s/)?" + _not("joinchat|share|s") + r"([^/?#+]+)"),
    "wa.me": _shared("wa.me", r"\+?(\d+)"),
    "pinterest.*": _shared("pinterest.com", _not("pin|search|ideas|login|explore") + _PART),
    "weibo.com": _shared("weibo.com", r"(?:u/)?" + _not("login|p|u") + _PART),
    "reddit.com": _shared("reddit.com", r"(r|u|user)/" + _PART, own_site=True),
    "medium.com": _shared("medium.com", _not("p|m|search|tag|topic|about") + _PART, own_site=True),
    "github.com": _shared(
        "github.com",
        r"(?:orgs/|sponsors/)?"
        + _not(
            "features|topics|marketplace|sponsors|orgs|about|login|pricing|explore|search|site|"
            "enterprise|collections|trending|join|security|readme|customer-stories|team|contact"
        )
        + _PART,
        own_site=True,
    ),
    "gitlab.com": _shared("gitlab.com", r"(?:groups/)?" + _not("explore|users") + _PART),
    "bitbucket.org": _shared("bitbucket.org", _not("product|account") + _PART, own_site=True),
    "huggingface.co": _shared(
        "huggingface.co",
        _not("models|datasets|spaces|docs|blog|pricing|papers") + _PART,
        own_site=True,
    ),
    "crunchbase.com": _shared(
        "crunchbase.com/organization", r"(?:organization|company)/" + _PART, own_site=True
    ),
    "wellfound.com": _shared("wellfound.com/company", "company/" + _PART, own_site=True),
    "angel.co": _shared("wellfound.com/company", "company/" + _PART),
    "pitchbook.com": _shared(
        "pitchbook.com/profiles/company", "profiles/company/" + _PART, own_site=True
    ),
    "zoominfo.com": _shared("zoominfo.com/c", "c/" + _PART + r"(?:/(\d+))?", own_site=True),
    "dnb.com": _shared("dnb.com", r"business-directory/company-profiles\." + _PART, own_site=True),
    "g2.com": _shared("g2.com/products", "products/" + _PART, own_site=True),
    "producthunt.com": _shared(
        "producthunt.com/products", r"(?:products|posts)/" + _PART, own_site=True
    ),
    "trustpilot.com": _shared("trustpilot.com/review", "review/" + _PART, own_site=True),
    "glassdoor.*": _shared("glassdoor.com", r".*EI_IE(\d+)", own_site=True),
    "indeed.*": _shared("indeed.com/cmp", "cmp/" + _PART, own_site=True),
    "kununu.com": _shared("kununu.com", r"([a-z]{2})/" + _PART, own_site=True),
    "xing.com": _shared("xing.com/pages", r"(?:companies|company|pages)/" + _PART, own_site=True),
    "wikipedia.org": _shared("wikipedia.org/wiki", "wiki/" + _PART, own_site=True),
    "yelp.*": _shared("yelp.com/biz", "biz/" + _PART, own_site=True),
    "tripadvisor.*": _shared("tripadvisor.com", r"[^?#]*-d(\d+)-", own_site=True),
    "booking.com": _shared("booking.com/hotel", r"hotel/([a-z]{2})/([^./?#]+)", own_site=True),
    "google.com": _GOOGLE,
    "maps.google.com": _GOOGLE,
    "g.page": _shared("g.page", r"(?:r/)?" + _PART),
    "sites.google.com": _shared("sites.google.com", r"(?:(?:a/[^/]+|view|site|new)/)+" + _PART),
    "play.google.com": _shared(
        "play.google.com", r"store/apps/(?:details|dev|developer)\?(?:[^#]*&)?id=([^&#]+)"
    ),
    "docs.google.com": _shared("docs.google.com", _NO_PAGE),
    "drive.google.com": _shared("drive.google.com", _NO_PAGE),
    "apps.apple.com": _shared("apps.apple.com", r"[^?#]*(?:id|developer/[^/]+/id)(\d+)"),
    "itunes.apple.com": _shared("apps.apple.com", r"[^?#]*id(\d+)"),
    "etsy.com": _shared(
        "etsy.com/shop", r"(?:[a-z]{2}(?:-[a-z]{2})?/)?shop/" + _PART, own_site=True
    ),
    "ebay.*": _shared("ebay.com", r"(?:str|usr)/" + _PART, own_site=True),
    "amazon.*": _shared("amazon.com", r"(?:shops|stores)/(?!page/)" + _PART, own_site=True),
    "indiamart.com": _shared(
        "indiamart.com", _not("proddetail|impcat|search") + _PART, own_site=True
    ),
    "linktr.ee": _shared("linktr.ee", _PART, own_site=True),
    "beacons.ai": _shared("beacons.ai", _PART, own_site=True),
    "bio.link": _shared("bio.link", _PART, own_site=True),
    "lnk.bio": _shared("lnk.bio", _PART, own_site=True),
    "about.me": _shared("about.me", _PART, own_site=True),
    "calendly.com": _shared(
        "calendly.com",
        _not("pricing|features|about|login|app|blog|solutions|contact") + _PART,
        own_site=True,
    ),
    "patreon.com": _shared(
        "patreon.com", r"(?:c/)?" + _not("posts|login|about|c") + _PART, own_site=True
    ),
    "ko-fi.com": _shared("ko-fi.com", _PART, own_site=True),
    "kickstarter.com": _shared("kickstarter.com", r"(?:projects|profile)/" + _PART, own_site=True),
    "soundcloud.com": _shared(
        "soundcloud.com", _not("discover|search|you|pages") + _PART, own_site=True
    ),
    "behance.net": _shared("behance.net", _not("gallery|search|galleries") + _PART, own_site=True),
    "dribbble.com": _shared("dribbble.com", _not("shots|search|jobs|pro") + _PART, own_site=True),
    "vimeo.com": _shared(
        "vimeo.com", _not(r"\d+|channels|search|blog|features|upgrade") + _PART, own_site=True
    ),
}
"""By host or registered domain; ``yelp.*`` stands for the brand under every suffix."""

HOSTS_OF_CUSTOMERS: Final = words_in(
    """
    alibaba.com bandcamp.com bigcartel.com blogger.com business.site canva.site godaddysites.com
    en.alibaba.com en.made-in-china.com en.ec21.com etsy.com free.fr gitbook.io homestead.com
    hubspotpagebuilder.com hs-sites.com jimdo.com jimdofree.com jimdosite.com livejournal.com
    lpages.co made-in-china.com mailchimpsites.com medium.com mykajabi.com mystrikingly.com
    over-blog.com square.site squarespace.com strikingly.com substack.com teachable.com
    thinkific.com tilda.ws tripod.com tumblr.com typepad.com ueniweb.com webnode.com webs.com
    weebly.com wix.com wordpress.com yolasite.com
    """
)
"""Site builders and marketplaces that give each customer a name below theirs."""

LINK_SHORTENERS: Final = words_in(
    """
    amzn.to app.link bit.do bit.ly buff.ly clck.ru cutt.ly db.tt dlvr.it fb.me forms.gle goo.gl
    goo.su hubs.la hubs.ly ift.tt is.gd j.mp lnkd.in onelink.me ow.ly page.link qr.ae rb.gy
    rebrand.ly s.id shorturl.at smarturl.it soo.gd spoti.fi surl.li t.co t.ly tiny.cc tinyurl.com
    trib.al url.ie v.gd youtu.be
    """
)

MAIL_HOSTS: Final = words_in(
    """
    gmail.com googlemail.com hotmail.com hotmail.co.uk hotmail.de hotmail.es hotmail.fr hotmail.it
    live.co.uk live.com live.de live.fr live.nl mac.com mail.com me.com msn.com outlook.com
    outlook.de outlook.es outlook.fr passport.com pm.me protonmail.ch protonmail.com rocketmail.com
    yahoomail.com ymail.com
    """
)
"""Domains that serve nobody's company website but the mail of everybody."""

MAIL_OF_PORTALS: Final = words_in(
    """
    126.com 163.com 9online.fr aim.com alice.it aol.com arcor.de att.net bellsouth.net bigpond.com
    bk.ru blueyonder.co.uk bluewin.ch btinternet.com charter.net comcast.net cox.net daum.net
    earthlink.net email.cz fastmail.com foxmail.com free.fr freenet.de gmx.at gmx.ch gmx.com gmx.de
    gmx.net hanmail.net hey.com hushmail.com icloud.com inbox.lv inbox.ru internode.on.net
    interia.pl laposte.net libero.it list.ru mail.ru mailbox.org naver.com neuf.fr ntlworld.com
    o2.pl onet.pl online.de optonline.net optusnet.com.au orange.fr posteo.de proton.me qq.com
    rambler.ru rediffmail.com rogers.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com
    sky.com skynet.be sohu.com sympatico.ca t-online.de talktalk.net telenet.be telus.net
    terra.com.br tiscali.it tuta.io tutanota.com uol.com.br verizon.net virgilio.it virginmedia.com
    wanadoo.fr web.de windstream.net wp.pl xtra.co.nz yahoo.ca yahoo.co.id yahoo.co.in yahoo.co.jp
    yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.de yahoo.es yahoo.fr yahoo.in
    yahoo.it yandex.com yandex.ru zoho.com
    """
)
"""Domains of companies with a website, whose mail addresses belong to everybody."""

PRIVATE_NETWORKS: Final = words_in(
    """
    arpa corp home internal intranet invalid lan local localdomain localhost onion private
    workgroup
    """
)
"""Top-level names that no public company has (RFC 6761, 6762, 8375, 9476, and common habit)."""
