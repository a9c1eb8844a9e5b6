import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { read } from '../../api/client'
import { Notice } from '../../ui/parts'
import { weekday } from '../../words/figures'
import { NextTaskQuery } from './documents'
import type { View } from './search'

/** In the place of an empty list: that nothing waits, and what comes next. */
export function Empty({ view, isNarrowed }: { view: View; isNarrowed: boolean }) {
  const { t } = useMacro()
  if (isNarrowed) {
    return (
      <Notice
        title={t`Nessun task con questi filtri`}
        action={
          <Link to="/da-fare" search={view === 'mine' ? {} : { view }} className="button">
            {t`Togli i filtri`}
          </Link>
        }
      />
    )
  }
  const titles: Record<View, string> = {
    mine: t`Niente da fare`,
    team: t`Niente da fare`,
    late: t`Niente in ritardo`,
    inbox: t`Niente da smistare`,
    errors: t`Nessun errore nel CRM`,
  }
  const sentences: Partial<Record<View, string>> = {
    team: t`Nessun task aperto può cominciare adesso.`,
    inbox: t`Ogni vendita del CRM è diventata un ticket, o qualcuno l’ha scartata.`,
    errors: t`Tutto quello che è stato mandato al CRM è a posto.`,
  }
  return <Notice title={titles[view]}>{view === 'mine' ? <Next /> : sentences[view]}</Notice>
}

function Next() {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const [next, setNext] = useState<{ title: string; dueOn: string } | null>(null)

  useEffect(() => {
    read(NextTaskQuery, {}).then(
      ({ tasks }) => setNext(tasks.nodes[0] ?? null),
      () => undefined,
    )
  }, [])

  if (!next) return null
  return t`Prossima scadenza: ${weekday(next.dueOn, i18n.locale)}, ${next.title}.`
}
