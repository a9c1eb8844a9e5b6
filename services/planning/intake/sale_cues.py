"""The words for a sale, in Italian and in English, and what looks like them."""

import re

from services.planning.intake.cue_phrases import COUNT, OFFER as OFFER_WORDS, phrases, word_set

HARMLESS = phrases(
    r"""
    non (?:serv|occorr)\w+ (?!piu|kit|start)\w{5,}|chied\w+ (?:di )?(?:inizi\w+|avvi\w+|part\w+|consegna|fattura)|
    (?:da|a|in|fa) parte|non ved\w+ l['’] ?ora|
    nessun\w? <MEETING> (?:e )?necessari\w+|
    (?:senza|nessuna?|no|zero) (?:alcun |nessun |ulterior\w+ )?(?:problem\w*|dubbi\w*|
    modific\w*|variazion\w*|scont\w*|obiezion\w*|riserv[ae]|esitazion\w*|fretta|indugi\w*|doubt|discount|changes)|
    non ci sono (?:problem\w*|modific\w*|dubbi|variazion\w*|obiezion\w*)|(?:non c['’]e|non ha|non ho|non hanno|
    non abbiamo) (?:alcun |nessun |piu |avuto )?(?:problem\w*|dubb\w*|obiezion\w*|esita\w*|domand\w*)|non (?:solo|
    soltanto)|non oltre|non prima (?:di|del|della|dell['’])|(?:non|senza) (?:piu )?(?:tardi|ulteriori? (?:attese|
    ritardi|passaggi))|non[- ]stop|perche no|anche se|come se|(?<!non )se (?:ne|n['’]e|stess\w)|se (?:possibile|
    serve|
    servono|necessario|occorre|hai|avete|ci sono|c['’]e|vuoi|volete|riesci|riuscite|puoi|potete|mi|
    if possible)(?: \w+){0,2}|if (?:possible|needed|you)|(?:prima|presto|meglio|appena) possibile|
    as soon as possible|quanto prima|(?:senza|fuori|nessun) (?:ogni )?(?:dubbio|discussione)|non e (?:un |il |
    la )?(?:primo|prima|nuovo|nuova)|<SIDE>(?: \w+){0,3} <MOVED>|<MOVED> (?:a \w+ |al \w+ )?<ARTICLE>?<SIDE>|
    (?:come da|secondo|rif\.?|vedi|da) (?:ns\.? |vs\.? |nostr\w |vostr\w |l['’] ?|la |il )?<OFFER>(?: n\.? ?\d+| \d+)?
    """
)
"""Blanked before anything else is searched."""

OFFER = re.compile(OFFER_WORDS)

TAKEN_OFFER = phrases(
    r"""
    (?:accett|approv|firm|conferm|sottoscr|controfirm|sign|accept)\w* (?:<ARTICLE>|per |della |dell['’]\s?|ns\.? |
    vs\.? |nostra |vostra |di ){0,3}<OFFER>|(?:ok|si|d['’]accordo|benestare) (?:a|al|all['’]|alla|sul|sulla|
    sull['’]|con la|con l['’]) ?<OFFER>|<OFFER>(?: \w+| n\. \d+){0,5} (?:e |e stat\w )?(?:accettat|approvat|firmat|
    confermat|controfirmat|sottoscritt|accepted|signed)\w*
    """
)
"""An offer that was accepted raises no doubt."""

NO_SALE_WORD = phrases(
    r"""
    (?:conferm|accett|firm|pres|fissat|chius|attivat|sottoscr|confirm|sign|ok|d['’] ?accordo|
    via libera)\w* (?:anche |
    pure |di |per |a |al |all['’]|alla |su |sul |sulla ){0,2}<ARTICLE>{0,2}(?:<MEETING>|interess\w*|invit\w*|
    ricezion\w*|ricevimento|disponibilit\w*|presenz\w*|
    dat[ae]|iscrizion\w*|privacy|informativ\w*|deleg\w*|nda|liberatori\w*|contatt[oi]|not[ae]|visione|atto|tempo|
    parte|vederci|incontrarci|valutare|riceve\w*|partecipa\w*|numero|indirizzo|sollecito|registro|modulo privacy|
    chiamata|informazion\w*|in carico|in considerazione|in esame|interest)|(?:rete|forza|punt[oi]|ufficio|
    responsabile|direttore|tecnic\w+ di|obiettiv\w+ di|probabilit\w+ di|post|pre|prezzo di|budget|script di|
    materiale di|strategi\w+ di|argomenti di|corso di)[ -]vendit[ae]|(?:ufficio|responsabile|direttore|
    centrale) acquisti|ordine del giorno|in ordine a\w*|contratt\w+ (?:di lavoro|di affitto|di locazione|nazionale|
    collettivo)|(?:bozza|bozze|modello|facsimile|copia|testo|esempio|schema|invio|inviat\w|mandat\w|spedit\w|
    inviare|mandare|spedire|preparare|preparat\w|predispo\w+) (?:di |del |il |la |un |una )?(?:bozza (?:di |
    del )?)?(?:contratt\w+|incaric\w+|conferma)|(?:chius[oa]|chiusura) (?:per |estiva|aziendale|natalizia|ufficio|
    bilancio|uffici|feriale)|
    (?:riunion\w+|meeting|incontr\w+|formazion\w+) intern\w+|internal (?:meeting|training|review)|
    (?:trovat\w|era|azienda|negozio|ufficio|sede) chius[oa]|
    parte (?:tecnica|commerciale|economica|amministrativa)|ordini fornitor\w*
    """
)
"""Phrases with a word of sale that are about something else."""

SOLD = phrases(
    r"""
    si (?:e|sono) decis[oiae]|vend|vndt?|vendud[oa]|ven?d?ut[oa]|frimat\w|fimat\w|firmt[oa]|cofermat\w|
    confermt[oa]|acqustat\w|optat\w+ per|opta(?:no)? per|vendut\w+|rivendut\w+|(?:contro)?firmat\w+|firmano|
    sottoscritt\w+|sottoscriv(?:e|ono)|siglat\w+|acquistat\w+|
    acquista(?:no)?|comprat\w+|compra(?:no)?|confermat\w+|conferm(?:a|ano|iamo|o)|(?:ri)?ordinat\w+|ordina(?:no)?|
    accettat\w+|accett(?:a|ano|iamo|o)|approvat\w+|approva(?:no)?|aggiudicat\w+|affidat\w+|affid(?:a|ano|iamo)|
    conferit\w+|aderit\w+|aderisc(?:e|ono)|(?:ha|hanno|abbiamo|ho) (?:gia )?(?:pres|scelt|chius|conclus|rinnovat|
    dett\w si)\w*|scelt[oa]|scelgono|sceglie|preso|prend(?:e|ono|iamo)|chius[oa]|chiudiamo|conclus[oa]|
    perfezionat\w+|piazzat\w+|portat[oa] a casa|incassat\w+|pagat\w+|saldat\w+|rinnov(?:a|ano|ato|ata|ati|iamo)|
    attivat\w+|attiva(?:no)?|andat[oa] in porto|a buon fine|fatt[oa]!|(?:ha|hanno|abbiamo) (?:deciso|
    scelto) (?:di|per)|deciso per|decided (?:to|on|for)|d['’] ?accordo|(?:da|dice|dicono|
    detto|ha detto|e un) si|via libera|andiamo avanti|proced(?:e|iamo|ono|ete|i|ere)|(?:si parte|partiamo|partire|
    partono) ?(?:con)?|parte (?:il|lo|la|l['’]|a|da|con|subito)|fatturare|vint[oa]|ok|okay|sold|signed|bought|
    purchased|ordered|confirm(?:s|ed)|accept(?:s|ed)|agreed|won|closed|approved|renewed|takes|went for|going ahead|
    go ahead|signs|buys|took|chose|chosen
    """
)
"""Words that say that a sale happened."""

LABEL = phrases(
    r"""
    vendit[ae]|(?:nuov[oi] )?contratt[oi]|nuov[oi] incaric(?:o|hi)|ordin[ei]|acquist[oi]|conferme?|firm[ae]|
    rinnov[oi]|chiusur[ae]|attivazion[ei]|sottoscrizion[ei]|adesion[ei]|aggiudicazion[ei]|accettazion[ei]|accordi|
    accordo|come (?:concordato|d['’]intesa|convenuto|pattuito)|acconto|cauzione|anticipo|caparra|
    nuov[oi] client[ei]|sale|contract|order|renewal|deal|purchase
    """
)
"""A word that files a text under sales."""

QUALIFIED_SALE = re.compile(
    r"(?<![\w'’])(?!(?:"
    r"nuov[aeio]|new|altr[ae]|another|ulterior[ei]|ennesima|prim[ae]|second[ae]|terza|bell\w+|grande|ottima|gran"
    rf"|{COUNT}|\d+|[\w.]*\d|piu|divers[ei]|vari[ei]|tutt[ei]|molt[ei]|alcun[ei]|both|several|all|doppi[ae]"
    r"|nessun\w?|non|no|not|mai|senza|niente|zero|never|without"
    r"|e|ed|o|ma|poi|and|or|ecco|oggi|ieri|stamattina|today|yesterday|finalmente|ok|si"
    r"|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica"
    r"|il|lo|la|le|i|gli|l|un|una|uno|the|a|an|nostr\w|su[aeo]|suoi|loro|our|di|del|della|delle|dei|da|dalla|dai|in|a|ad|al"
    r"|alla|ai|per|con|su|sulla|of|for|on|as|rif|oggetto|re|kit|pacchetto|commerciale|scheda|foglio|modulo|verbale|nota"
    r"|contratt[oi]|ordin[ei]|atto|conferm\w+|confirm\w+|chius\w+|closed|conclus\w+|registr\w+|inser\w+|comunic\w+"
    r"|notific\w+|segnal\w+|fatt[ae]|avvenut[ae]|effettuat[ae]|avuta|perfezionat[ae]|complet\w+|esito"
    r"|complimenti|congratulazioni"
    r"|tentat\w+|tentativ\w+|provat[ae]|attempt\w*|client[ei]|customer"
    r"|srl|srls|spa|snc|sas|ltd|gmbh|inc|coop|s\.?r\.?l|s\.?p\.?a|s\.?n\.?c|s\.?a\.?s"
    r")(?![\w'’]))[\w'’]+\.? (?:(?:di|per|della|delle|alla|alle|sulla|sulle|of|for|in) )?"
    r"(?P<sale>vendit[ae]|sales?|ordini|contratti|acquisti|rinnovi|attivazioni|adesioni|sottoscrizioni|chiusure|orders|"
    r"contracts|deals|renewals)(?!\w)"
)
"""The word *vendita* as the qualifier of another word, such as *obiettivi vendita*. It is no label."""

FIRM_FILING = phrases(
    r"""
    vendit[ae]|nuov[oi] (?:contratt[oi]|incaric(?:o|hi)|client[ei])|ordin[ei]|acquist[oi]|conferme?|chiusur[ae]|
    rinnov[oi]|
    attivazion[ei]|sottoscrizion[ei]|adesion[ei]|come (?:da accordi|concordato|d['’]intesa|convenuto|pattuito)|
    sale|order|
    purchase|deal|renewal
    """
)
"""A label that counts whatever else the sentence is about."""

EVERYDAY_ACRONYMS = word_set(
    """
    ics sos pro top plus go one start base smart vip ok it in up net web crm erp pdf iso iva srl spa gas bus eco
    bio easy basic full gold prima uno due sim rete sede
    """
)
"""Acronyms that are also everyday words or names of other things."""

SAYS_KIT_BEFORE = re.compile(
    r"(?<!\w)(?:kit|pacchett\w+|incaric\w+|vendut\w+|vendita|firmat\w+|contratt\w+|conferm\w+|acquist\w+|"
    r"sottoscri\w+|rinnov\w+|attiva\w+|ordin\w+|sold|signed|bought|acronimo|sigla|codice kit|consulenza)"
    r"(?:\s(?:il|lo|la|l|un|uno|kit|di|del|dello|per|commerciale|the|a|oggi|ieri|nuovo|"
    r"nostro)){0,3}[\s:(\"'’«“*-]{1,4}(?:l['’])?$"
)

SAYS_KIT_AFTER = re.compile(
    r"[\s\"'’»”)*-]{1,3}(?:(?:e|e'|is)\s)?(?:stato\s)?(?:kit|vendut\w+|firmat\w+|confermat\w+|"
    r"acquistat\w+|sottoscritt\w+|attivat\w+|rinnovat\w+|accettat\w+|contratto firmato|sold|signed)(?!\w)"
)

REPLY_PREFIX = re.compile(r"\s*(?:(?:re|r|i|fw|fwd|rif|ris|inoltr\w*|tr)\s?(?:\[\d+\])?\s?:\s*)+")
