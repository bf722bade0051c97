"""Words that say what kind of legal person a company is, and nothing about which one it is.

Data only, in the form in which :mod:`daemon.domain.legal_names` sees them: lower case, accents
folded, dotted abbreviations joined (``s.a.r.l.`` is ``sarl``). What is made of two listed forms
(``gmbh and co kg``) needs no entry of its own where each part has one.
"""

from collections.abc import Mapping
from typing import Final

from daemon.domain.word_lists import phrases_in, words_in

TRAILING: Final = phrases_in(
    """
    a california corporation | a california limited liability company | a delaware corporation |
    a delaware limited liability company | a law corporation | a medical corporation | a nevada
    corporation | a prof corp | a professional association | a professional corporation | a
    professional law corporation | a public benefit corporation | a rl | a socio unico | a spol
    | a texas corporation | ab | abee | abp | ad | ae | aebe | ag | aisbl | akc spol | akciju
    sabiedriba | akcine bendrove | akcionarsko drustvo | akciova spolecnost | akciova spolocnost
    | aksionere bendrove | aksjeselskap | aktiebolag | aktiengesellschaft | aktieselskab |
    aktsiaselts | allmennaksjeselskap | amba | and c | and cia | anonim sirketi | anonim sti |
    anonymi etaireia | anpartsselskab | anstalt des offentlichen rechts | ansvarlig selskap |
    aps | as | asa | asbl | asociacion civil | avoin yhtio | benefit corporation | berhad |
    besloten vennootschap | besloten vennootschap met beperkte aansprakelijkheid | beteti
    tarsasag | bhd | bsc | bsc c | bsc closed | bsc public | bscc | bt | bv | bvba | c por a |
    charitable incorporated organisation | charitable incorporated organization | chusik hoesa |
    cia ltda | cic | cie | cio | cipr l | cjsc | clg | close corporation | closed joint stock
    company | co | co operative | comm v | comm va | commanditaire vennootschap | commanditaire
    vennootschap op aandelen | community benefit society | community interest company | commv |
    companhia | compania | compania anonima | company | comunidad de bienes | con socio unico |
    cooperatie u a | cooperatie ua | cooperatief ua | cooperatieve vennootschap | cooperative |
    corp | corporation | crl | ctcp | cuideachta phoibli theoranta | cv | cvba | cwmni
    cyfyngedig cyhoeddus | cxa | cyf | cyfyngedig | dac | dd | de capital variable | de cv |
    delniska druzba | designated activity company | dionicko drustvo | dis tic | dis ticaret |
    ditta individuale | dmcc | dmcc branch | doo | dooel | drustvo s ogranicenom odgovornoscu |
    drustvo sa ogranicenom odgovornoscu | druzba z omejeno odgovornostjo | druzhestvo s
    ogranichena otgovornost | druzstvo | dwc llc | e cia ltda | e kfm | e kfr | ead | ebvba |
    ednolichno druzhestvo s ogranichena otgovornost | eeig | eenmanszaak | eesv | eg | egyeni
    ceg | egyeni vallalkozo | ehf | eingetragene genossenschaft | eingetragene kauffrau |
    eingetragener kaufmann | eingetragener verein | einkahlutafelag | einzelfirma |
    einzelunternehmen | eireli | eireli epp | eireli me | eirl | ek | ek for | ekfm | ekfr |
    ekonomisk forening | em liquidacao | empresa individual de responsabilidad limitada |
    empresa individual de responsabilidade limitada | empresa unipersonal | en liquidacion | en
    liquidation | enkeltmandsvirksomhed | enkeltpersonforetak | enskild firma | entreprise
    individuelle | entreprise unipersonnelle a responsabilite limitee | eood | epe | et cie |
    eurl | europaische gesellschaft | european company | european cooperative society | ev |
    ewiv | farmer producer company limited | fcp | flexco | flexible kapitalgesellschaft |
    flexkapg | fmba | fz | fz e | fzc | fzco | fze | gaec | gbr | gcv | geie | gemeinnutzige |
    general partnership | genossenschaft | ges mbh | gesbr | gesellschaft burgerlichen rechts |
    gesellschaft mbh | gesellschaft mit beschraenkter haftung | gesellschaft mit beschrankter
    haftung | gesmbh | gesnbr | ggmbh | gie | gmbh | godo gaisha | godo kaisha | gomei kaisha |
    goshi kaisha | groupement d interet economique | guarantee limited | haftungsbeschrankt |
    handelsbolag | hb | hf | hlutafelag | i likvidation | i liqu | i liquidation | ic ve dis tic
    | ic ve dis ticaret | icc limited | icc ltd | ideell forening | impresa individuale | in
    konkurs | in liqu | in liquidatie | in liquidation | in liquidazione | inc | incorporated |
    incorporated cell company | individuali imone | industrial and provident society |
    institucion de asistencia privada | interessentskab | intreprindere individuala | ippan
    shadan hojin | ippan zaidan hojin | ith ihr | ithalat ihracat | ivaerksaetterselskab | ivs |
    ivzw | jdoo | jednostavno drustvo s ogranicenom odgovornoscu | joint stock co | joint stock
    company | jsc | jtd | julkinen osakeyhtio | jusik hoesa | kabushiki gaisha | kabushiki
    kaisha | kb | kft | kg | kgaa | kht | kk | kkt | kollektif sirketi | kollektif sti |
    kollektivgesellschaft | komandit sirketi | komandit sti | komanditna spolocnost | komanditni
    spolecnost | kommandiittiyhtio | kommanditbolag | kommanditgesellschaft | kommanditselskab |
    korlatolt felelossegu tarsasag | korperschaft des offentlichen rechts | kozkereseti tarsasag
    | kpsc | ks | ksc c | ksc p | kscc | kscp | l3c | lc | lda | ldc | limitada | limited |
    limited by guarantee | limited by shares | limited liability co | limited liability company
    | limited liability limited partnership | limited liability partnership | limited
    partnership | limited sirketi | limitee | llc | llc soc | llc sp | llc spc | lllp | llp |
    llp partnership | lp | ltd | ltd liability co | ltd liability company | ltd part | ltd
    partnership | ltd sirketi | ltd sti | ltda | ltda epp | ltda me | ltda mei | ltee |
    maatschap | mb | mbb | mbh | mchj | mepe | mit beschrankter haftung | mon ike | monoprosopi
    epe | monoprosopi ike | mtu | naamloze vennootschap | nidhi limited | nidhi ltd | no
    liability | non profit company | non profit corporation | nonprofit corporation | nonprofit
    kft | nonprofit korlatolt felelossegu tarsasag | nonprofit zrt | not for profit corporation
    | nv | nyilvanosan mukodo reszvenytarsasag | nyrt | obecne prospesna spolecnost | offene
    handelsgesellschaft | og | ohg | ojsc | one member co ltd | one member company limited | one
    member limited liability company | one person company | one person corporation | onlus | ood
    | ooo | opc | open joint stock company | osakeyhtio | osauhing | osuuskunta | ou | oy | oyj
    | p l | p limited | p ltd | partg | partgmbb | partnerschaft mbb |
    partnerschaftsgesellschaft | partnerselskab | pazarlama sanayi ve ticaret | pc | pcc limited
    | pcc ltd | pcl | perkongsian liabiliti terhad | persero | perseroan terbatas | perseroda |
    persoana fizica autorizata | perusahaan umum | pjsc | plc | pllc | pllp | preduzetnik |
    private capital company | private company limited | private company limited by shares |
    private joint stock company | private limited | private limited company | private ltd |
    private unlimited company | producer co ltd | producer company | producer company limited |
    prof corp | professional association | professional corporation | professional limited
    liability company | professional llc | proprietary | prosta spolka akcyjna | protected cell
    company | pt | pte | pty | publ | public benefit corporation | public co limited | public co
    ltd | public company | public company limited | public joint stock co | public joint stock
    company | public limited company | public shareholding company | pvba | pvt | pvtltd | q sc
    | qfc llc | qpsc | qsc | qsc c | raif | registered ordinary partnership | registered society
    | reszvenytarsasag | rllp | s a o c | s a o g | s coop | s coop and | s coop mad | s de rl |
    s en c | s en c por a | s en nc | s s ltda | sa | sa a conseil d administration | sa a
    directoire and conseil de surveillance | sa bic | sa esp | sa i c | sa rl | sa rl s | saa |
    sab | sabiedriba ar ierobezotu atbildibu | sac | saci | sacif | sacifi | sacifia | saciyf |
    sae | saem | saesp | sagl | saic | saicf | saici | saicif | sal | samostojni podjetnik |
    samvirkeforetak | san tic | san ve tic | san ve tic as | san ve tic ltd sti | sanayi ticaret
    | sanayi ve ticaret | sanayi ve ticaret as | sao c | sao g | saoc | saog | sapa | sapi |
    sapib | sarl | sarl a associe unique | sarl au | sarl s | sarlau | sarls | sarlu | sas | sas
    bic | sas di | sas esp | sas zomac | sasbic | sasesp | sasu | sau | saudi closed joint stock
    company | saudi joint stock company | saudi jsc | sc a rl | sc de cv | sc de rl | sca | sca
    rl | scarl | sccl | sce | scic | scomm | scoop | scop | scpa | scral | scrl | scrl fs | scs
    | scsp | sdn | se | selafa | selarl | selas | seml | senc | senc rl | sencrl | sendirian
    berhad | sgps | sh a | sh p k | sh pk | shoqeri aksionare | shoqeri me pergjegjesi te
    kufizuar | shpk | sia | sicar | sicav | sicav sif | single member company | single member
    limited liability company | single member pc | single member private company | single member
    sa | single owner llc | single person company | sjsc | sk | ska | sl | slhf | slne | slp |
    slpu | slu | sm pte ltd | smba | smc | smc private | snc | soc cons a rl | soc cons arl |
    soc coop | soc coop agricola | soc coop arl | soc coop rl | soc coop sociale | soc de resp
    ltda | soc ltd | sociedad agraria de transformacion | sociedad anonima | sociedad anonima
    abierta | sociedad anonima bursatil | sociedad anonima cerrada | sociedad anonima deportiva
    | sociedad anonima laboral | sociedad anonima promotora de inversion | sociedad civil |
    sociedad civil particular | sociedad colectiva | sociedad comanditaria | sociedad comercial
    de responsabilidad limitada | sociedad cooperativa | sociedad cooperativa de responsabilidad
    limitada | sociedad de abogados | sociedad de hecho | sociedad de produccion rural |
    sociedad de responsabilidad limitada | sociedad en comandita | sociedad en comandita por
    acciones | sociedad en comandita simple | sociedad europea | sociedad financiera de objeto
    multiple | sociedad laboral | sociedad limitada | sociedad limitada laboral | sociedad
    limitada nueva empresa | sociedad limitada profesional | sociedad por acciones | sociedad
    por acciones simplificada | sociedad por acciones simplificada bic | sociedade anonima |
    sociedade anonima de capital aberto | sociedade anonima fechada | sociedade de advogados |
    sociedade em comandita | sociedade empresaria limitada | sociedade limitada | sociedade por
    quotas | sociedade simples | sociedade unipessoal | sociedade unipessoal lda | sociedade
    unipessoal por quotas | societa a responsabilita limitata | societa a responsabilita
    limitata semplificata | societa a socio unico | societa agricola | societa agricola semplice
    | societa benefit | societa consortile | societa consortile a responsabilita limitata |
    societa cooperativa | societa cooperativa a responsabilita limitata | societa cooperativa
    agricola | societa cooperativa sociale | societa in accomandita per azioni | societa in
    accomandita semplice | societa in nome collettivo | societa per azioni | societa semplice |
    societa sportiva dilettantistica | societa tra professionisti | societa unipersonale |
    societas europaea | societate cu raspundere limitata | societate cu raspundere limitata
    debutant | societate pe actiuni | societatea comerciala | societe a responsabilite limitee |
    societe anonyme | societe anonyme commerciale | societe anonyme de droit public | societe
    anonyme simplifiee | societe civile | societe civile immobiliere | societe cooperative |
    societe en commandite | societe en commandite par actions | societe en commandite simple |
    societe en nom collectif | societe en nom collectif a responsabilite limitee | societe
    europeenne | societe par actions simplifiee | societe simple | socio unico | sofol | sofom |
    sofom enr | sofom er | sole establishment | sole proprietor | sole proprietorship | sp j |
    sp k | sp k a | sp p | sp z o o | sp z oo | sp zoo | spa | spa sb | spfpl | spj | spk | spol
    s ro | spol sro | spoldzielnia | spolecnost s rucenim omezenym | spolka akcyjna | spolka
    cywilna | spolka jawna | spolka komandytowa | spolka komandytowo akcyjna | spolka partnerska
    | spolka z o o | spolka z ograniczona odpowiedzialnoscia | spolka z oo | spolka zoo |
    spolocnost s rucenim obmedzenym | spr de rl | sprl | sprl u | sprlu | spzoo | srl | srl d |
    srl sb | srl stp | srld | srls | srltda | sro | ss agricola | ss ltda | ssdarl | statni
    podnik | statny podnik | suarl | szovetkezet | taisuhing | tbk | teoranta | tic | tnhh |
    toiminimi | u likvidaciji | uab | ug | ultd | unipersonal | unipersonale | unipersonnelle |
    unipessoal | unlimited company | unlimited liability company | unlimited liability
    corporation | unltd | unternehmergesellschaft | usaldusuhing | uzdaroji akcine bendrove | v
    likvidaci | v likvidacii | ve tic | ve ticaret | vennootschap onder firma | verejna obchodni
    spolecnost | vereniging | versicherungsverein auf gegenseitigkeit | viesoji istaiga | vof |
    vos | vvag | vzw | w likwidacji | w organizacji | with limited liability | wll | y cia | y
    cia ltda | y compania | yugen gaisha | yugen kaisha | yuhan hoesa | z oo | zao | zapsany
    spolek | zartkoruen mukodo reszvenytarsasag | zrt
    |
    αβεε | αβετε | αε | αεβε | αεε | αετε | ανωνυμη εταιρεια | ατε | εε | επε | εταιρεια
    περιορισμενησ ευθυνησ | ετερορρυθμη εταιρεια | ιδιωτικη κεφαλαιουχικη εταιρεια | ικε | μεπε
    | μικε | μον επε | μον ικε | μονοπροσωπη | μονοπροσωπη αε | μονοπροσωπη επε | μονοπροσωπη
    εταιρεια περιορισμενησ ευθυνησ | μονοπροσωπη ιδιωτικη κεφαλαιουχικη εταιρεια | μονοπροσωπη
    ικε | οε | ομορρυθμη εταιρεια | аат | ад | акционарско друштво | акционерно дружество |
    акционерное общество | акціонерне товариство | ано | ао | ат | гуп | доо | дооел | дп |
    дружество с ограничена отговорност | друштво са ограниченом одговорношћу | еднолично
    акционерно дружество | еднолично дружество с ограничена отговорност | еоод | ет | жшс |
    закрытое акционерное общество | зао | индивидуальныи предприниматель | ип | кд | кп | муп |
    нао | непубличное акционерное общество | оао | общество с ограниченнои ответственностью |
    одо | оод | ооо | открытое акционерное общество | пао | пат | пп | прат | приватне
    акціонерне товариство | приватне підприємство | публичное акционерное общество | публічне
    акціонерне товариство | сд | тдв | тзов | тов | товариство з обмеженою відповідальністю |
    тоо | фгуп | фоп | чуп | բբը | սպը | փբը | בע מ | בעמ | المحدودة | المساهمة | ذات المسؤولية
    المحدودة | ذات مسؤولية محدودة | ذمم | شذمم | شمب | شمبم | شمع | شمك | شمكم | شمل | شمم |
    محدودة | مساهمة عامة | مساهمة مقفلة | ممح | სპს | სს | შპს
    """  # noqa: RUF001 - Cyrillic and Greek forms are meant
)
"""Taken off the end, again and again, as long as something is left."""

LEADING: Final = phrases_in(
    """
    ab | akciju sabiedriba | akcine bendrove | aktiebolaget | aktieselskabet | ao | as | asbl |
    asociatia | besloten vennootschap | bvba | cjsc | commanditaire vennootschap | companhia |
    compania | cong ty | cong ty co phan | cong ty cp | cong ty tnhh | cong ty tnhh 1 thanh vien
    | cong ty tnhh mot thanh vien | cong ty tnhh mtv | cong ty trach nhiem huu han | cong ty
    trach nhiem huu han mot thanh vien | cooperatie | cooperatieve | ctcp | ctcp tap doan |
    ditta | dntn | doanh nghiep tu nhan | doo | dooel | etablissement | etablissements | ets |
    eurl | fhu | firma | firma handlowa | firma handlowo produkcyjna | firma handlowo uslugowa |
    firmaet | gaec | godo kaisha | handelsbolaget | jsc | kabushiki gaisha | kabushiki kaisha |
    llc | naamloze vennootschap | oao | ojsc | ooo | osakeyhtio | osauhing | osuuskunta | ou |
    oy | pao | perusahaan umum | phu | pjsc | pphiu | pphu | ppu | ppuh | przedsiebiorstwo |
    przedsiebiorstwo handlowo uslugowe | przedsiebiorstwo produkcyjno handlowo uslugowe | pt |
    sabiedriba ar ierobezotu atbildibu | sarl | sasu | selarl | selas | sia | soc agr | soc coop
    | sociedad anonima | sociedad de responsabilidad limitada | sociedad limitada | societa
    agricola | societa cooperativa | societe a responsabilite limitee | societe anonyme |
    societe civile | societe civile immobiliere | societe cooperative | societe en commandite
    simple | societe en nom collectif | societe par actions simplifiee | societe par actions
    simplifiee unipersonnelle | sp zoo | spoldzielnia | spolka akcyjna | sprl | stichting |
    stiftelsen | tap doan | tong cong ty | too | tov | tzov | uab | uzdaroji akcine bendrove |
    vereniging | vzw | zao | zphu
    |
    ад | акционерное общество | акціонерне товариство | ано | ао | ат | гуп | дп | еад | еоод |
    ет | жшс | закрытое акционерное общество | зао | индивидуальныи предприниматель | ип | кп |
    муп | нао | оао | общество с ограниченнои ответственностью | одо | оод | ооо | открытое
    акционерное общество | пао | пат | пп | прат | приватне акціонерне товариство | приватне
    підприємство | публичное акционерное общество | публічне акціонерне товариство | тов |
    товариство з обмеженою відповідальністю | тоо | уп | фгуп | фоп | чуп | شركة | مؤسسة | სს |
    შპს
    """  # noqa: RUF001 - Cyrillic forms are meant
)
"""Taken off the beginning, once, as long as something is left."""

OF_COUNTRIES: Final[Mapping[str, frozenset[str]]] = {
    phrase[0]: frozenset(phrase[1:])
    for phrase in phrases_in(
        """
        ae est establishment psc spc | al sha | at eu keg | au nl pl | az asc mmc | be cv sc | bg
        ead eood et ood sd | bh est establishment psc spc | br cia epp me mei sc | ca coop enr sec
        ulc | co bic esp eu | cz ops sp zs zu | de aor fa gag gug il kdor | dk is ps | ec ca | ee
        fie tu uu | es aie cb sat sc sll ute | fi ay ky osk rf ry tmi | fr earl ei sas scea sci scm
        scop scp sem snc ste | gb ccc unlimited | gr aee ate ee ike oe | hr kd obrt od | hu ec rt |
        id cv perum ud | ie puc teo uc unlimited | in huf | is ohf ses sf slf | it arl asd ets sgr
        ss | jp gk yk | kr yh | kw est establishment ksc spc | lt ii ij mb vsi | lv ik ps zs | mx ac
        iap sc | my plt | nl ba ua | no ans ba da enk nuf | om est establishment spc | pl ph psa puh
        sc spp zph | qa est establishment psc spc | ro if ii pfa | rs kd od pr szr sztr | ru ano |
        sa est establishment psc | se ef | si dno sp | th lp | tr san sanayi sti ticaret ve | ua
        chup fop pat pp prat tdv | us apc chartered chtd coop gp na pa pbc psc sc | ve ca rl sa | vn
        mtv tnhh | za cc npc rf
        """
    )
}
"""By country: its own forms that are words or names elsewhere; taken off at either end."""

UNSPACED: Final = (
    "一般社団法人",
    "一般財団法人",
    "公益社団法人",
    "公益財団法人",
    "特定非営利活動法人",
    "独立行政法人",
    "国立大学法人",
    "社会福祉法人",
    "医療法人社団",
    "医療法人",
    "学校法人",
    "合資会社",
    "合名会社",
    "유한책임회사",
    "합자회사",
    "합명회사",
    "사단법인",
    "재단법인",
    "有限责任合伙",
    "(有限合伙)",
    "有限合伙",
    "个人独资企业",
    "股份公司",
    "บริษัท",
    "ห้างหุ้นส่วนจำกัด",
    "จำกัด",
    "(มหาชน)",
    "(合)",
    "(同)",
    "(유)",
    "(사)",
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
