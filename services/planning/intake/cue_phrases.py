"""How the patterns of a sale's words are written, and the word groups that they share.

The patterns run over folded text: lower case, no accents. Repetitions are bounded, so no text is slow to scan.
"""

import re

OFFER = r"(?:preventiv\w*|offert\w*|propost\w*|quotazion\w*|brochure|presentazion\w*|quote|proposal|offer)"
MEETING = (
    r"(?:appuntament\w*|riunion\w*|incontr[oi]|call|videocall|videochiamat\w*|visit[ae]|sopralluog\w*|"
    r"demo|webinar|corso"
    r"|meeting|telefonat\w*|chiamat\w*|pranzo|intervista|partecipazione)"
)
MOVED = (
    r"(?:annullat|rimandat|rinviat|spostat|posticipat|disdett|cancellat|saltat|rifiutat|slittat|sospes|cancelled"
    r"|moved)\w*"
)
SIDE = (
    rf"(?:{MEETING}|scont[oi]|avvio|partenza|kick-?off|consegna|installazione|inizio|pagament\w*|"
    rf"fattur[ae]|bonific\w*"
    r"|newsletter|sollecit[oi]|mail|acconto anticipato|rateizzazion\w*)"
)
ARTICLE = r"(?:l['’]\s?|la |il |lo |un |una |un['’]\s?|i |le |gli |sua |suo |nostro |nostra |the |a )"
DECIDE = (
    r"(?:conferm\w*|firm\w*|rispost\w*|decision\w*|riscontr\w*|ok\b|approvazion\w*|deliber\w*|"
    r"finanziament\w*|via libera"
    r"|benestare|autorizzazion\w*|esito|parere|feedback|conferma|signature|approval|answer|decision|confirmation)"
)
ON_HOLD = r"(?:sospes[oaie]|congelat[oaie]|rimandat[oaie]|rinviat[oaie]|posticipat[oaie]|bloccat[oaie])"
COUNT = r"(?:[2-9]|[1-9]\d|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|two|three|four|five|six)"
_MACROS = {
    "OFFER": OFFER,
    "MEETING": MEETING,
    "SIDE": SIDE,
    "MOVED": MOVED,
    "ARTICLE": ARTICLE,
    "DECIDE": DECIDE,
    "ON_HOLD": ON_HOLD,
    "COUNT": COUNT,
}


def phrases(block: str) -> re.Pattern[str]:
    """Compile the alternatives of a block, as whole words. The block may be broken after any bar."""
    pattern = "".join(line.strip() for line in block.splitlines())
    for name, macro in _MACROS.items():
        pattern = pattern.replace(f"<{name}>", macro)
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())
