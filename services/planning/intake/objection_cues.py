"""The words that speak against a sale, in Italian and in English: denials, doubts, the past, other topics."""

import re

from services.planning.intake.cue_phrases import phrases, word_set

NEGATED = phrases(
    r"""
    irreperibil\w+|introvabil\w+|sparit[oa]|null[oa]|decided against|stracciat[oi]|strapp\w+|picche|
    (?:si )?oppon\w+|mancat[oa]|passed on|insoddisfatt\w+|
    risolt[oa]|rifiut\w+|disdett\w+|disdic\w+|disdir\w+|annull\w+|cancell\w+|rinunc\w+|recess[oi]|reced\w+|
    recedut\w+|
    declin\w+|respin(?:to|ta|ge|gono)|scartat\w+|scarta(?:no)?|bocciat\w+|boccia(?:no)?|sfumat\w+|saltat\w+|salta|
    fallit\w+|pers[oa]|storn\w+|revoc\w+|(?:si e|si sono|s['’]e) (?:ritirat|tirat)\w+(?: indietro)?|
    tirat\w+ indietro|(?:ci )?(?:ha|hanno) ripensat\w+|ripensament\w+|marcia indietro|dietrofront|dietro front|
    cambiat\w+ idea|cambia idea|(?:niente|nulla) (?:di fatto|da fare)|(?:e |sono )?contrari[oaie]|sfavorevol[ei]|
    negativ[oaie]|negativamente|ko|no grazie|lasci\w+ perdere|disinteress\w+|scelt\w+ (?:un |una |di )?(?:altr\w+|
    un['’]altr\w+|concorren\w+|diversamente)|preferi\w+ (?:un |una )?(?:altr\w+|un['’]altr\w+|soluzion\w+ divers\w+|
    concorren\w+)|(?:andat|passat|rivolt)\w+ (?:a|ad|alla|con la|dalla|da un|con un|con) ?(?:un )?(?:altr\w+|
    concorren\w+|competitor)|fuori budget|troppo car[oa]|risol(?:to|uzione) (?:il |del )?(?:contratto|rapporto)|
    cessat\w+|interrott\w+|tramontat\w+|naufragat\w+|scartare|resciss\w+|rescind\w+|rescission\w+|reso|restituit\w+|
    rimbors\w+|restituzion\w+|niet|nope|refus\w+|rejected|cancel+ed|cancels|lost|turned (?:it )?down|backed out|
    pulled out|withdr[ae]w\w*|called (?:it )?off|fell through
    """
)
"""The sale is denied, refused or called off."""

_DENIED_VERB = (
    r"(?:vuol\w*|vogli\w*|voluto|vorr\w+|desider\w*|interess\w*|firm\w*|compr\w*|acquist\w*|conferm\w*|"
    r"accett\w*|convin\w*|piac\w*|serv[eio]\w*|rinnov\w*"
    r"|proced\w*|conclu\w*|chius\w*|chiud\w*|vend\w*|prend\w*|pres[oaie]|ader\w*|approv\w*|sottoscri\w*|"
    r"attiv\w*|ordin\w*|andat[oa] (?:a buon|in porto|bene|avanti)"
    r"|va (?:avanti|bene|in porto)|fa per|fattibil\w*|fann?o? (?:piu )?(?:nulla|niente)|"
    r"fa (?:piu )?(?:nulla|niente)|parla|sent\w+ (?:di|pront\w+)"
    r"|intend\w*|intenzion\w*|bisogno|necessari\w*|perfezionat\w*|valid\w*|aggiudic\w*|deciso|decide|"
    r"sicur\w*|cert[oiae]|d['’]accordo|dispost[oiae]|pront[oiae]"
    r"|scelt\w*|scegli\w*|paga\w*|fatt[oa]|fare|fara|da fare|se ne fa\w*|ne vuole sapere|e stat[oa] \w+|"
    r"e piu|want\w*|buy\w*|bought|sign\w*|interested|accept\w*"
    r"|agree\w*|need\w*|go\w*|proceed\w*|sold|confirm\w*|purchas\w*|renew\w*|take|happen\w*|vend\w*|"
    r"trovat\w+ (?:un )?accordo|raggiunt\w+|rientra|previst\w+|copert\w+|concess\w+)"
)

NOT_DONE = re.compile(
    rf"(?<!\w)(?:non|mai|nemmeno|neppure|neanche|nessun\w*|not|never|(?:did|does|do|is|was|has|have|wo|"
    rf"ca|could|would|are)n['’]?t|no longer|cannot)(?:\s+[\w'’]+){{0,4}}?\s+{_DENIED_VERB}(?!\w)"
    r"|(?<!\w)(?:non|no|not)\s*(?:[.!,;)\n]|$)|(?<!\w)(?:nessuna? (?:vendita|firma|interesse|conferma|"
    r"accordo|ordine|contratto|acquisto)|no (?:sale|deal|interest|order))(?!\w)"
)
"""A denial together with the verb that it denies."""

DENIAL = phrases(
    r"""
    non(?! appena)|no|mai|nemmeno|neppure|neanche|nessun[oa]?|niente|not|never|nor|zero|
    (?:did|does|do|is|was|has|have|wo|ca)n['’]?t
    """
)
"""A denial that counts if it stands before what it denies."""

INSTEAD = re.compile(
    r"(?<!\w)(?:al posto d\w+|invece (?:d\w+)?|anziche|piuttosto che|tranne|esclus[oa]|eccetto|senza|"
    r"instead of|without|rather than|meno|alternativ\w+ a\w*|simil[ei] a\w*"
    r"|diverso da\w*|non)\W+(?:(?:il|lo|la|l|un|uno|kit|the|pacchetto|a|al|allo)\W+){0,3}$"
)
"""Directly before a name: another product is meant."""

ON_HOLD = phrases("<ON_HOLD>")
"""The sale is put off."""

UNSURE = phrases(
    r"""
    (?:tentat\w+|tentativ\w+|provat\w+|attempt\w*)(?: (?:di|la|una|a|the))? (?:vendit[ae]|firm[ae]|rinnov[oi]|
    chiusur[ae]|contratt[oi]|acquist[oi]|ordin[ei]|sales?|order|deal|renewal)|
    vendit[ae] (?:\w+ )?(?:tentat\w+|provat\w+|in corso)|
    boh|bho|mah|chi lo sa|in (?:revisione|bozza|preparazione|firma|verifica|stallo|esame|approvazione)|(?:al|
    all['’]) ?\d{1,3} ?%|ripens\w+|hesitat\w+|conta(?:no)? di|
    (?:per|alla) (?:la )?firma|firma(?: \S+){0,5} (?:fissat|previst|programmat|domani|lunedi|martedi|mercoledi|
    giovedi|
    venerdi|sabato|prossim)\w*|(?:domani|dopodomani|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|
    prossim[oa])(?: \w+){0,2} firm[ae]|forse|magari|chissa|probabil\w+|possibil[ei]|possibilmente|eventual\w+|
    (?:potr|dovr|vorr|sar|avr|far|prender|
    firmer|comprer|acquister|accetter)ebb\w+|valut[aeio]\w*|riflett\w+|riflession\w+|pensa(?:rci|ndoci)|(?:ci|lo|la|
    ne) (?:\w+ ){0,2}pensa\w*|pensando(?: \w+)?|pensa (?:a|al|allo|di|su)|pensarci su|indecis\w+|incert\w+|dubb\w+|
    tentenn\w+|titub\w+|perpless\w+|esita\w*|ni|nicchia\w*|temporeggia\w*|(?:deve|devono|dovra|dovranno|deve ancora|
    devono ancora|vuole|vogliono|bisogna|si deve)(?: \w+){0,2} (?:decid|valut|conferm|firm|defini|verific|approv|
    sentir|parlar|consult|capi|confront|vede|sceglie|discut)\w+|(?:in attesa|attend\w+|attesa|aspett\w+|manca\w*|
    waiting|awaiting|pending)(?: \w+['’]?| \w['’]\w+){0,4} ?<DECIDE>|(?:in attesa|attesa|attend\w+|
    aspett\w+)(?: d\w*['’]?)? ?<DECIDE>|trattativ[ae]|negoziazion\w+|negoziando|trattando|ipotesi|ipotizz\w+|
    interessat[oaie]|interess[ei]|interessa(?:no|re|rebbe)?|incuriosit\w+|propor\w+|propon\w+|ripropor\w+|
    sottopor\w+|opportunit\w+|lead|prospect\w*|potenzial[ei]|pipeline|forecast|obiettivo|target|sper(?:a|o|iamo|
    ando)|credo|sembra|pare|penso|mi sa|promess\w+|promette|intende|intendono|intenzion\w+|ha in mente|(?:firmer|
    acquister|comprer|confermer|decider|valuter|accetter|prender|sottoscriver|ordiner|sapr|richiamer|procederebb|
    rinnover|aderir|sceglier)(?:a|anno|emo|o|ai|ete)|(?:presenter|proporr|mostrer|illustrer|parler|sentir|offrir|
    inviar|mander|incontrer|vedr|chiuder|vender)(?:a|anno|emo|o|
    ai|ete)|far(?:a|anno) sapere|fa sapere|facci\w+ sapere|far sapere|
    (?:si )?vedr(?:a|emo)|poi vediamo|vediamo se|si vede|vedere se|capire se|sapere se|chiedere se|decidere se|
    (?:chied\w+|richied\w+|vogli\w+|vuol\w*|attend\w+|aspett\w+|mandar\w*|inviar\w*|preparar\w*|prepara|manda|invia|
    fare|fargli|farle|spedire|da fare|da inviare|rifare|rivedere|aggiornare|serve|urge|send|prepare|wants?|
    asks? for|asked for)(?: \w+| \w['’]\w+){0,3}? <OFFER>|(?:send|wants|needs|waiting for) (?:a |the )?<OFFER>|
    richiest[ae] (?:di )?(?:preventiv\w+|offert\w+|informazion\w+|info|quotazion\w+)|prend(?:e|ono|ere|
    ersi) (?:tempo|in considerazione|in esame|informazion\w+|qualche giorno)|(?:si )?riserv(?:a|ano)|riserva|
    con riserva|salvo|subordinat\w+|a condizione|condizionat\w+|purche|a patto|(?:in|nel) caso|qualora|
    nell['’]ipotesi|ammesso che|dipende|dipendera|quasi|a un passo|ad un passo|in dirittura|in procinto|
    sul punto di|a voce|verbalmente|a parole|in linea di massima|di massima|in teoria|orientat[oaie]|propens[oaie]|
    tendenzialmente|(?:in )?stand[- ]?by|<ON_HOLD>|
    rimanda(?:no|re)?|rinvia(?:no|re)?|slitta\w*|in corso di|in fase di|in lavorazione|in valutazione|
    on hold|da (?:firmare|confermare|valutare|definire|decidere|verificare|concludere|chiudere|sentire|capire|
    approvare|presentare|vendere|quotare|contattare|richiamare|ricontattare|offrire|discutere|rivedere|perfezionare|
    convincere|capire|vedere|confermarsi|finalizzare)|non appena|(?:appena|quando|se|dopo che|
    una volta) (?:\w+ ){0,3}(?:firm\w*|conferm\w*|approv\w*|arriv\w*|accett\w*|decid\w*|incass\w*|ottien\w*|
    sblocc\w*)|prossimamente|entro breve|a breve decid\w+|maybe|perhaps|might|may|could|would|considering|
    considers?|interested|interest|thinking|think|undecided|unsure|possibly|probably|hopefully|tentative\w*|
    evaluating|evaluate|discussing|to be (?:confirmed|decided|signed|discussed)|tbc|tbd|subject to|will (?:decide|
    think|sign|buy|confirm|consider|let)|let (?:us|me) know|unless|pitch(?:ed|ing)?|follow[- ]?up|prospective|likely
    """
)
"""Words of doubt, condition, offer and future."""

CONDITION = phrases(
    r"""
    se|if|ove|semmai|casomai|quando|when|once
    """
)
"""A condition in the sentence of the sale."""

INTENTION = phrases(
    r"""
    (?<!deciso di )(?<!scelto di )(?<!decided )(?:(?:ri)?vendere|vendergli(?:elo)?|venderle|proporre|piazzare|
    acquistar[el]\w*|comprar[el]\w*|firmar[el]\w*|sottoscrivere|prendere|ordinare|confermare|chiudere|concludere|
    scegliere|rinnovare|aderire|adottare|to (?:buy|sell|sign|purchase|order|close|confirm|renew|offer|pitch))
    """
)
"""A sale that is intended."""

OVERCOME = phrases(r"ma|poi|alla fine|finalmente|infine|pero|but|finally|eventually|then")
"""Words that introduce how a doubt ended."""

WEAK = phrases(
    r"""
    vuol\w*|vogli\w+|desider\w+|gradir\w+|piacerebb\w+|wants?|would like|likes?|cerca\w*|richiam\w+|ricontatt\w+|
    risent\w+|risentir\w+|sentir\w+|ci sentiamo|sollecit\w+|prossim[oaie]|in futuro|futur[oaie]|piu avanti|
    in seguito|in attesa|attesa|<OFFER>|offr\w+|mandat\w+|inviat\w+|mandare|inviare|spedit\w+|illustrat\w+|
    presentat\w+|presentare|spiegat\w+|mostrat\w+|prospettat\w+|parlat\w+|parla(?:no|re|rne)?|discuss\w+|
    accennat\w+|consigliat\w+|consiglia|suggerit\w+|demo|prova|test|info|informazion\w+|informa\w*|decid\w+|
    decision\w+|preferi\w+|quote|proposal|offer(?:ed)?|sent|presented|showed|discussed|talk(?:ed)?|call back|
    next (?:week|month|year)|later|future|asked
    """
)
"""Words that precede a sale. A text without a word of sale stays open because of them."""

PAST = phrases(
    r"""
    attiv[oae]|in uso|avev\w+|era(?:no)? (?:gia )?(?:client|stat)\w+|ha(?:nno)? avuto|in passato|
    \w+ ann[io] (?:e \w+ )?fa|anni fa|
    (?:l['’] ?|lo )?(?:ann[oi]|scors[oi]) (?:scors[oi]|ann[oi]|passat[oi]|precedent[ei])|mesi fa|mese fa|tempo fa|
    cliente storico|storic[oa]|(?:nel|del|dal) (?:19|20)\d\d|nel['’] ?\d\d|nel ['’]\d\d|(?:ha|hanno|
    abbiamo) gia (?:il|lo|la|l['’]|un|uno|i|start|incarico|attiv\w)|gia (?:in possesso|attiv\w|in essere|in corso|
    client\w+|nostr\w)|ce l['’]ha(?:nno)? gia|scadut\w+|in scadenza|scade(?:nza)?|scadra|precedent[ei]|vecchi[oae]?|
    a suo tempo|in essere|ex[ -]client\w+|ex|terminat\w+|risal\w+|usava(?:no)?|era|erano|ebbe|fu|had|
    used to|last (?:year|month)|(?:years?|months?) ago|former(?:ly)?|previous(?:ly)?|already (?:has|have|had|a)|
    existing|expire[sd]?|in (?:19|20)\d\d
    """
)
"""A sale of an earlier time."""

RENEWED = phrases(
    r"""
    rinnov\w+|renew\w*
    """
)

CUSTOMER = phrases(
    r"gia (?:nostr[oa] )?client\w+|ex[ -]client\w+|cliente (?:storic[oa]|da\w*)|vecchi[oa] client\w+"
)
"""Describes the customer. It means an earlier sale only if the text says nothing else."""

MONTH_OF_A_YEAR = phrases(
    r"""
    (?:a|ad|nel|in) (?:gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|
    dicembre) (?:19|20)\d\d
    """
)

CONTEXT = phrases(
    r"""
    ide[ae]|candidat\w+|contatt[oi]|avanzament[oi]|stato|consegn\w+|provvigion\w+|lavori|statistic\w+|report|
    analisi|
    <MEETING>|telefon\w+|chiamar\w+|chiama(?:no|to)?|assistenz\w+|support\w*|problem\w*|guast\w+|reclam\w+|
    lament\w+|chiariment\w+|domand\w+|cors[oi]|fier[ae]|event[oi]|campagn\w+|promozion\w+|promo|listin\w+|prezz[oi]|
    cost[oi]|cost(?:a|ano)|quanto|quale|quali|invit\w+|documentazion\w+|material[ei]|feedback|ticket|bug|error[ei]|
    malfunzion\w+|password|access[oi]|manual[ei]|guid[ae]|catalog\w+|volantin\w+|pubblicit\w+|recension\w+|
    sondaggi\w*|confront\w+|concorren\w+|competitor\w*|us(?:a|ano|ato|are|o)|utilizz\w+|conosc\w+|vist[oa]|vedere|
    letto|ricevut\w+|ricev\w+|cerca\w*|chied\w+|chiest\w+|dice|detto|sentit[oa]|segue|gestisc\w+|lavora\w*|
    aggiornament\w+|aggiornat\w+|verific\w+|promemoria|ricord\w+|formazione interna|modific\w+|correg\w+|spiega\w*|
    preparar\w+|organizz\w+|pianific\w+|fissar\w+|fissat\w+|consegnat\w+|registrazion\w+|stampa\w*|esempi[oa]?|
    bozz[ae]|modell[oi]|template|specialist\w*|esperto|referente prodotto|responsabile prodotto|sos|aiuto|urgenza|
    urgente|question\w*|support|issue|help|training session|invoice|brochure|complaint|uses?|using|rettific\w+|
    copia|fattur[ae]|solleciti|insolut\w+|tecnic[oi]|blocc\w+|ferm[oa]|risoluzion\w+|non funziona|sit[oi]|pagina|
    post|articol[oi]|video
    """
)
"""Topics other than a sale."""

NOT_OURS = phrases(
    r"""
    concorren\w+|competitors?|qualcosa (?:di simile|come|tipo)|(?:simil\w+|uguale|analog\w+) a\w*|something like|
    similar to
    """
)
"""Products of other firms."""

SALE_THINGS = word_set(
    """
    kit contratto contratti offerta proposta preventivo vendita incarico ordine pacchetto servizio servizi
    prodotto firma acquisto tutto accordo trattativa collaborazione progetto consulenza percorso soluzione
    condizioni prezzo costo investimento cosa nulla niente questo questa quello quella conferma rinnovo adesione
    start office contract offer proposal deal order sale everything package it that this
    """
)
"""The objects of a denial or doubt that concern the sale. With any other object it does not concern the sale."""

PEOPLE_AND_TIMES = word_set(
    """
    cliente titolare socio soci direttore direzione amministratore amministratrice amministrazione proprietario
    proprietaria proprieta commercialista moglie marito padre madre figlio figlia signor signora signore sig
    dott presidente cda consiglio banca azienda ditta societa suo sua loro responsabile capo ufficio giorno
    giorni settimana settimane mese mesi anno anni lunedi martedi mercoledi giovedi venerdi sabato domenica
    gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre fine momento
    scorso scorsa ora oggi ieri domani mattina pomeriggio sera primavera estate autunno inverno natale pasqua
    telefono mail email voce customer owner client director partner week month year moment telefonata primo
    prima dopo motivo motivi momento costi
    """
)

OTHER_THING = re.compile(
    r"\s(?:(?:piu|ancora|proprio|anche|pure|solo|however)\s)?(?:(?:a|ad|al|allo|alla|ai|agli|alle|il|lo|"
    r"la|i|gli|le|un|uno|una|del|dello|della|dei|delle|di|per|sul|sulla|sui|nel|nella|nessun\w?|alcun\w?|"
    r"the|an|any|for|in)\s|(?:all|l|un|dell|sull|nell|d)['’]\s?){1,3}(\w+)"
    r"|\s(altr\w+)"
)
