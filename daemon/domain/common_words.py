"""Words that many companies have in their names, so that sharing one says little.

Data only; :mod:`daemon.domain.matching` brings them into the form in which it compares.
"""

from typing import Final

from daemon.domain.word_lists import pairs_in, words_in

GENERIC_WORDS: Final = words_in(
    """
    abc able academy access accounting ace active ada adler advanced advisors advisory aero agence
    agency agentur agro air airlines airways ajax alliance alpha alpine amber america american
    anchor angel ant apex apollo apotheke app apple apps april aqua arc arch architects
    architekten ares ark art artemis arztpraxis asia aspen aspire associates athena atlantic atlas
    august aura aurora auto autofficina autohaus automotive aviation bad baker bakery banana bank
    bar barber base bath bau bauunternehmen bay bear beauty bee bella berry best beta better
    beverages bicycles big bikes bio bison bistro black bloom blue bold bolt bond bookstore
    boulangerie boutique brand brewery bridge bright build builders building bull burger business
    cafe calm canvas capital car care cargo carpentry carrosserie cars casa catering cedar center
    central centre century chain charm chem chemical cherry chi choice circle city clean cleaners
    cleaning clear clever clinic cloud club coach coast cobra coffee coiffure columbia commerce
    commercial compass concept connect construction constructions consult consultants consulting
    control cooling copper core corner cosmos courier couriers crane creative credit crest cronos
    crown crystal cyber dachdecker daily dairy data dawn day deep delta dental dentist design
    destination detail dev development digital diner direct discovery distribution dolphin dove
    dragon dream drive dynamics eagle earth east easy echo eco edge education electric electrical
    electro electronics elektro elektrotechnik element elite ember emerald emerge energie energy
    engine engineering enterprise enterprises envision epsilon equinox essential estate estates
    eta eternal europa europe events ever evergreen evolution excel experts express factory
    fahrschule falcon farm farmacia farms fashion ferreteria film finance financial fire first
    fischer fisheries fit fitness flash fleet flex florist flow flowers focus food foods force
    forest forge form fort forward foundation foundry fox freedom freight fresh front fund fusion
    future galaxy gamma garage garden gas gasthof gate gateway gebaudereinigung gem general
    genesis glass global gold golden good grand granite gravity gray great green grey grid grill
    ground grow growth guard guide hand harbor harbour hardware harmony haus haustechnik haven
    hawk health healthcare heart heating height heizung hello help hera hercules hermes hero heron
    hill home homes horizon horse host hostel hotel house hub human hvac ice icon idea ideal
    idraulica image imagine immobilien impact import imports indigo industrial industrie
    industries industry infinity info inn innovation innovations insight inspire institute
    insurance integra intelligence invest investment investments iota iris iron island jaguar
    january jet jewel jewelers jewellery joy july junction june jupiter just kanzlei kappa kebab
    key kindergarten king kita kitchen kiwi knight koala krone kronos label lake lambda land
    landscaping language lark laser last launch laundry law leader leaf learn legacy legal lemon
    level liberty life lift light lighthouse line linear link lion liquid live local lodge logic
    logistic logistics logistik logistique loop lotus lucky luna lunar luxury machine machinery
    made magic magna magnet main maker malerbetrieb management mango maple marina marine maritime
    mark market marketing marketplace mars maschinenbau master materials matrix max may media
    medical melon menuiserie mercury meridian metal metallbau method metro metzgerei micro
    milestone mind mine mint mirror mobile modern moment momentum monarch mond money monitor moon
    moss motel motion motor motors mountain movers moving music nature navigator neo neptune nest
    net network networks new news next nexus noble nord north northern nova novo oak ocean odin
    office officina olive omega omicron omni one online open optics optik optiker optima optimum
    orange orbit orchard origin outdoor owl oxygen pacific packaging pact page painting panaderia
    panda panificio panther paper paradise park partner partners path patisserie peach peak pearl
    peluqueria people perfect performance petal pharma pharmacie pharmacy phi phoenix photo physio
    physiotherapie physiotherapy pilot pine pink pinnacle pioneer pixel pizza pizzeria plain
    planet plant plastics platform platinum play plomberie plumbing plus pluto point polar port
    portal power praxis precision premier premium prime print printing prism privat pro product
    production productions products professional progress project projects properties property
    proton psi pub publishing pulse puma pure purple quality quantum quest quick radar radiant
    railways rain rapid raven reach real rechtsanwalte recruiting recruitment red reflex refresh
    regal reinigung reliable remote renew repair repairs research resort resource resources
    restaurant revolution rho ridge right ring rise ristorante river road robotics rock roofing
    root rose royal ruby safe sage sail salon sanitar sapphire satellite saturn scale school
    schreinerei schule science scout sea search second secure security seed seeds select sense
    sequoia service services shell shift shine ship shipping shop sigma signal signs silver simple
    sirius sky smart snow social soft software solar solid solution solutions sonic sonne sound
    source south spa space spark spectrum spedition speed spirit sport sports spring square staff
    staffing stage standard star start station steel stellar stern steuerberater stone storage
    store storm strategic strategy stream street strong studio studios style sud summit sun sunny
    sunrise sunset super supply support surface surge sushi swan swift switch synergy system
    systems table talent taller target tau tavern tax taxi taxis teal team tech technik
    technologies technology tempo terra textile textiles theory theta think thor three tiger time
    tires tischlerei titan together tools top total touch tower towing town trade trading trail
    train training trans translations transport transporte transports trattoria travel tree trend
    tri tribe true trust turbo twin tyres ultra union unique united unity universal upsilon uranus
    urban value vector vega venture ventures venus verde verwaltung verwaltungs veterinary victory
    view village vineyards violet vision vista vital vivid voice volt vortex voyage water wave way
    wealth web well wellness werk west whale white wild wind window windpark wine winery wing wise
    wonder wood work works world xpress yellow young zahnarzt zahnarztpraxis zebra zen zenith zero
    zeta zeus zone
    and by co de del der des di die do el en for fur i in la le les los of on the und van von y
    zum zur
    """
)
"""Words of dictionaries and of trades, in the languages of most records, and small words."""

SURNAMES: Final = words_in(
    """
    anderson andersson bauer becker bernard brown davis dubois dupont durand fernandez ferrari
    fischer garcia gonzalez hansen hoffmann huber jansen jensen johansson johnson jones keller
    klein koch kowalski larsen lee lefebvre lopez maier martin martinez meier mayer meyer miller
    moore moreau muller neumann nielsen nowak olsen pedersen perez petit richter rodriguez rossi
    roux russo sanchez schaefer schafer schmid schmidt schmitt schmitz schneider schulz schwarz
    silva simon smith taylor thomas thompson vogel wagner weber weiss white williams wilson wolf
    wood wright zimmermann
    """
)
"""Family names that many companies bear."""

ADDED_WORDS: Final = words_in(
    """
    group groups gruppe groupe grupo gruppo holding holdings international intl worldwide lab labs
    services solutions technologies technology
    africa america americas apac asia australia austria belgie belgique belgium benelux brasil
    brazil bulgaria canada china dach danmark denmark deutschland emea espana europe finland france
    germany hungary iberia india ireland israel italia italy japan korea latam mexico nederland
    netherlands nordic nordics norge norway osterreich polska poland portugal romania russia
    schweiz singapore spain suisse suomi sverige sweden switzerland turkey turkiye uk ukraine us
    usa
    """
)
"""Words that a company's name has in one place and not in another: corporate and regional."""

SMALL_WORDS: Final = words_in("and da de del della der des di do du el la las le les los of the")
"""Words that a name is written with and without."""

SAME_WORDS: Final = pairs_in(
    """
    1:one 2:two 3:three 4:four 5:five 6:six 7:seven 8:eight 9:nine 10:ten 11:eleven 12:twelve
    24:twentyfour aluminum:aluminium assoc:associates assocs:associates bros:brothers
    catalog:catalogue center:centre color:colour colors:colours ctr:centre engg:engineering
    fiber:fibre flli:fratelli gebr:gebruder gebroeders:gebruder gray:grey harbor:harbour
    hnos:hermanos hosp:hospital inds:industries jewelers:jewellers jewelry:jewellery labor:labour
    mfg:manufacturing mgmt:management mgt:management natl:national organization:organisation
    plow:plough sankt:saint sint:saint ste:saint st:saint svc:service svcs:services
    theater:theatre tire:tyre tires:tyres univ:university
    """
)
"""Shortened words, numbers and spellings, and the word with which each is compared."""

LOCAL_TRADES: Final = words_in(
    """
    abogado abogados advocaten advokat advokater advokatfirma apotek apoteka apotheek apotheke
    apotheker apteka arztpraxis asesoria atelier autofficina autohaus autoservice autoservis
    autowerkstatt avocat avocats avvocati avvocato backerei baecker baeckerei baker bakeries
    bakers bakery bakkerij banya barber barbers barbershop bauunternehmen beautysalon bestattungen
    bilverkstad bilverksted bistro blumen boulangerie butcher butchers cabinet cabinetry cafe
    cafeteria cantina carniceria carpenter carpenters carpentry carrosserie catering chiropractic
    chiropractor cleaners cleaning clinic clinica coiffeur coiffure comptables couvreur dachdecker
    dachdeckerei daycare deli dental dentist dentista dentistry dentists diner drogeria dyrlaege
    electrical electrician electricians electricidad electricista electricite elektriker elektro
    elektroinstallation elektrotechnik eletrica elettricista estetica fahrschule farmacia
    farmacias fensterbau ferienwohnung ferreteria fioraio fleischerei fleuriste fliesen florist
    florista floristeria floristik florists fontaneria friseur frisor funeral garage garagen
    gartenbau gartnerei gasthaus gasthof gebaudereinigung glaser glaserei grill gym hairdresser
    hairdressers haustechnik hausverwaltung heizung heizungsbau hostel hotel hotels hundeschule
    hvac idraulica immobiliaria immobilien immobilier immobiliere inmobiliaria innenausbau
    installateur installatiebedrijf jewelers jewellers jewellery jewelry juwelier kanzlei kebab
    kennel kfz kinderarzt kindergarten kita kitchen kitchens klempner klempnerei klinik konditorei
    kosmetik krawiec landscaping lawyer lawyers legale libreria locksmith locksmiths makelaar
    makelaardij makelaars maler malerbetrieb malerei malerfirma malermeister marmista massage
    maurer mechanic mechanics menuiserie metallbau metzgerei movers moving murarstwo notaio
    notaire notar notaria notary nursery odontologia officina optician opticians opticien optik
    optika optiker ortodoncia osteopath osteopathie padaria painters painting panaderia panificio
    papeterie parrucchieri pasticceria patisserie peluqueria pension pensione pharmacie pharmacy
    photography physio physiotherapie physiotherapy piekarnia pizzeria plomberie plombier plumbers
    plumbing podologie praxis preschool raumausstattung rechtsanwalt rechtsanwalte reifen
    reinigung reisebuero restaurant restaurante ristorante roofers roofing rorlegger rormokare
    salon sanitar schlosserei schlusseldienst schneiderei schreiner schreinerei snekker snickeri
    solicitor solicitors spedition steinmetz steuerberater steuerberatung steuerkanzlei
    stomatologia studiolegale taller talleres tandarts tandlaege tandlakare tannlege taqueria
    tattoo tavern taverna taxi taxis textilreinigung tierarzt tierarztpraxis tischler tischlerei
    tomrer towing trattoria umzuge upholstery vet veterinaire veterinaria veterinary vvs warsztat
    weinbau weingut winery yoga yogaschule zahnarzt zahnarzte zahnarztpraxis zimmerei
    """
)
"""Trades that are plied in one town: two of one name in two towns are seldom one."""
