"""The words that say that a kit is sold more than once, in Italian and in English."""

import re

from services.planning.intake.cue_phrases import COUNT, phrases

_PIECES = (
    r"(?:pz\.?|pezzi|kit|licenz[ae]|contratti|pacchetti|incarichi|unita|confezion\w+|copie|volte|sedi|times"
    r"|licen[cs]es|units)"
)

COUNTED_BEFORE = re.compile(
    rf"(?:(?<![\w./,-])(?:n[.r°]{{0,2}}\s?|num\.?\s?|numero\s|q\.?ta\W{{1,3}})?{COUNT}\s?(?:[x×*]|"
    rf"{_PIECES})?|(?<!\w)[x×]\s?{COUNT}|(?<!\w)(?:doppi[oa]|coppia|paio|entrambi|double|couple))"
    r"\s{0,3}(?:(?:di|del|dello|commerciali|kit|of|gli|i|pacchett\w|-)\s{0,2}){0,3}[\"'«“(]?$"
)

NUMBERED = re.compile(
    r"(?<!\w)(?:ordin[ei]|pratica|offerta|contratto|fattura|preventivo|prot\w*\.?|rif\w*\.?|del|il|al|"
    r"dal|ore|alle|h|lunedi|martedi|mercoledi|giovedi|venerdi|codice|cod\.?|via [\w ]{1,30}"
    r"|proposta|id|#|commessa|order|no\.?|cliente|settimana|week|riga|fase|lotto|tel\.?|cell\.?|"
    r"piazza [\w ]{1,30}|viale [\w ]{1,30}|corso [\w ]{1,30})\s{0,2}(?:n[.r°]{0,2}|num\.?|numero|"
    r":)?\s{0,2}$"
)

COUNTED_AFTER = re.compile(
    rf"[\"'»”)\]]?\s{{0,3}}(?:[-–,:(]\s{{0,2}})?(?:[x×*]\s?{COUNT}(?!\w)|{COUNT}\s?(?:[x×](?!\w)|"
    rf"{_PIECES}(?!\w))|\(\s?{COUNT}\s?\)|(?:q\.?t\w{{0,2}}\.?|quantita|qta|n[.r°]{{1,2}}|numero|qty|"
    rf"quantity)\s?[:=.]?\s?{COUNT}(?!\w)"
    rf"|(?:due|tre|two|three) volte(?!\w)|[- ]?twice(?!\w))"
)

SEVERAL = phrases(
    r"""
    (?:<COUNT>|entramb[ei]|piu|divers[ei]|vari[ei]|tutt[ei]|molt[ei]|alcun[ei]|both|several|all)(?: (?:le|i|gli|di|
    delle|dei|loro|sue|suoi|the|their|of)){0,2} (?:kit|contratti|incarichi|licenz[ei]|pacchetti|vendite|ordini|sedi|
    societa|aziende|filiali|ditte|copie|stabilimenti|negozi|punti vendita|controllate|consociate|imprese|clienti|
    sites|offices|branches|companies|licen[cs]es|customers|contracts)|(?:quantita|qta|q\.ta|qty|quantity|pezzi|
    n\. (?:kit|pezzi|licenze)|numero (?:di )?(?:kit|licenze))\s?[:=]?\s?<COUNT>|doppi[oa] (?:kit|contratto|vendita|
    incarico|ordine|licenza|firma)|(?:due|tre) volte|twice|un[oa]? (?:per|a|su|in)(?: \w+){1,4},? (?:e|ed|piu|
    \+) (?:un[oa]?|l['’]altr[oa]) (?:per|a|su|in)|one for(?: \w+){1,4} and (?:one|another) for|sia (?:per|a|in|
    su)(?: \w+['’]?){1,6} (?:che|sia|quanto) (?:per|a|in|su)
    """
)

AND_AGAIN = re.compile(r"[^.!?\n]{0,40}?(?:\+|&|(?<!\w)(?:e|ed|piu|and|poi|anche|also)(?!\w))[^.!?\n]{0,25}$")
"""Words between two mentions of the same kit that make the second one another sale."""

PLACE = re.compile(
    r"(?<!\w)(?:sede|filiale|stabilimento|negozio|punto vendita|unita locale|ufficio|site|"
    r"branch)\s(?:(?:di|a|in|legale|operativa|of)\s){0,2}(\w+)"
)
