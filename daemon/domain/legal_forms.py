"""Words that say what kind of legal person a company is, and nothing about which one it is.

Data only, in the form in which :mod:`daemon.domain.legal_names` sees them: lower case, accents
folded, dotted abbreviations joined (``s.a.r.l.`` is ``sarl``).
"""

from typing import Final

from daemon.domain.word_lists import phrases_in, words_in

TRAILING: Final = phrases_in(
    """
    ab | abp | ad | ae | ag | ag and co kg | ag and co kgaa | akcine bendrove | akciova
    spolecnost | akciova spolocnost | aksionere bendrove | aksjeselskap | aktiebolag |
    aktiengesellschaft | aktieselskab | aktsiaselts | allmennaksjeselskap | and cie | anonim
    sirketi | anpartsselskab | aps | as | asa | besloten vennootschap | besloten vennootschap
    met beperkte aansprakelijkheid | beteti tarsasag | bhd | bt | bv | bvba | cic | cie | cjsc |
    clg | co | co inc | co kg | co limited | co llc | co ltd | co ohg | commanditaire
    vennootschap | community interest company | company | company limited | company limited by
    guarantee | corp | corporation | cv | cvba | dac | dd | de cv | designated activity company
    | dmcc | doo | dooel | drustvo s ogranicenom odgovornoscu | drustvo sa ogranicenom
    odgovornoscu | druzba z omejeno odgovornostjo | ead | eg | ehf | eingetragene genossenschaft
    | eingetragener kaufmann | eingetragener verein | einkahlutafelag | eireli | eirl | ek |
    eood | epe | et cie | eurl | ev | fz | fz llc | fzc | fzco | fze | gbr | ges mbh |
    gesellschaft burgerlichen rechts | gesellschaft mbh | gesellschaft mit beschraenkter haftung
    | gesellschaft mit beschrankter haftung | gesmbh | ggmbh | gmbh | gmbh and co | gmbh and co
    kg | gmbh and co kgaa | gmbh and co ohg | gmbh co kg | godo kaisha | haftungsbeschrankt | hb
    | hf | inc | incorporated | jdoo | joint stock company | jsc | kabushiki gaisha | kabushiki
    kaisha | kb | kft | kg | kgaa | kk | kollektivgesellschaft | kommanditgesellschaft |
    korlatolt felelossegu tarsasag | ks | lc | lda | ldc | limitada | limited | limited company
    | limited liability company | limited liability partnership | limited partnership | limited
    sirketi | limitee | llc | lllp | llp | lp | ltd | ltd co | ltd sti | ltda | ltda me | ltee |
    mb | mbh | mit beschrankter haftung | naamloze vennootschap | nv | nyrt | offene
    handelsgesellschaft | og | ohg | ojsc | ood | ooo | opc pvt ltd | osakeyhtio | osauhing | ou
    | oy | oy ab | oyj | p ltd | partg | partg mbb | partgmbb | pc | pcl | perseroan terbatas |
    pjsc | plc | pllc | private company limited | private limited | proprietary limited | pt |
    pte | pte limited | pte ltd | pty | pty limited | pty ltd | public company limited | public
    joint stock company | public limited company | pvba | pvt | pvt limited | pvt ltd | qsc |
    reszvenytarsasag | s de rl | s de rl de cv | sa | sa de cv | sa rl | saa | sab de cv |
    sabiedriba ar ierobezotu atbildibu | sac | sae | sagl | sal | san ve tic | sanayi ve ticaret
    | sanayi ve ticaret as | saoc | saog | sapi de cv | sarl | sarlu | sas | sas di | sasu | sau
    | sca | scarl | sccl | scop | scpa | scrl | sdn | sdn bhd | se | selarl | selas | sendirian
    berhad | sgps | shpk | sia | sicav | sk | sl | slne | slp | slu | snc | soc coop | soc ltd |
    sociedad anonima | sociedad anonima de capital variable | sociedad de responsabilidad
    limitada | sociedad limitada | sociedad por acciones simplificada | sociedade anonima |
    societa a responsabilita limitata | societa per azioni | societate cu raspundere limitata |
    societe a responsabilite limitee | societe anonyme | societe par actions simplifiee |
    societe par actions simplifiee unipersonnelle | sp j | sp k | sp z oo | sp zoo | spa | spj |
    spk | spol s ro | spol sro | spolecnost s rucenim omezenym | spolka akcyjna | spolka jawna |
    spolka komandytowa | spolka z ograniczona odpowiedzialnoscia | spolka zoo | spolocnost s
    rucenim obmedzenym | sprl | srl | srls | sro | tbk | tnhh | uab | ug
    | ug haftungsbeschrankt | unipessoal | unipessoal lda | unlimited company | vennootschap
    onder firma | vof | vos | wll | z oo | zao | zartkoruen mukodo reszvenytarsasag | zrt | αε |
    ανωνυμη εταιρεια | επε | ικε | ад | ао | еоод | зао | ип | оао | оод | ооо | пао | пат |
    прат | тзов | тов | тоо
    """  # noqa: RUF001 - Cyrillic and Greek forms are meant
)
"""Taken off the end, again and again, as long as something is left."""

LEADING: Final = phrases_in(
    """
    ab | ao | as | bvba | cong ty co phan | cong ty tnhh | eurl | fhu | firma | firma handlowa |
    firma handlowo uslugowa | oao | ooo | ou | oy | pao | phu | pphu | pt | sarl | sasu | sia |
    sprl | stichting | too | tov | uab | uzdaroji akcine bendrove | zao | акционерное общество |
    ао | зао | ип | оао | общество с ограниченнои ответственностью | ооо | пао | пат | пп | прат
    | тов | тоо
    """  # noqa: RUF001 - Cyrillic forms are meant
)
"""Taken off the beginning, once, as long as something is left."""

UNSPACED: Final = (
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "株式会社",
    "合同会社",
    "有限会社",
    "주식회사",
    "유한회사",
    "(株)",
    "(有)",
    "(주)",
)
"""Taken out wherever they stand, since these scripts put no space between words."""

BEFORE_A_REAL_SPA: Final = words_in(
    """
    and beauty day dental garden hair health hotel laser massage med medi medical nail pet resort
    salon sauna skin the thermal wellness
    """
)
"""Words behind which ``spa`` is a spa and no ``società per azioni``."""
