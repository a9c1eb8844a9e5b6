import { useLingui as useMacro } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { read } from '../../api/client'
import { useViewer } from '../../app/viewer'
import { Notice } from '../../ui/parts'
import { lengthText } from '../../words/figures'
import { CountQuery } from './documents'
import { sameList, type TicketSearch, variablesOf, without } from './search'

/** In the place of an empty list: which filter to take away to see most, or how the first ticket comes. */
export function NoTickets({ search }: { search: TicketSearch }) {
  const { t } = useMacro()
  if (sameList(search, {})) {
    return (
      <Notice
        title={t`Ancora nessun ticket`}
      >{t`Il primo arriva quando nel CRM si registra una vendita che nomina un kit.`}</Notice>
    )
  }
  return (
    <Notice
      title={t`Nessun ticket con questi filtri`}
      action={
        <span className="buttons">
          <MostHiding search={search} />
          <Link to="/ticket" className="button">
            {t`Togli i filtri`}
          </Link>
        </span>
      }
    />
  )
}

/** Offers to take away the one filter without which the list is longest. */
function MostHiding({ search }: { search: TicketSearch }) {
  const { t, i18n } = useMacro()
  const me = useViewer().operator?.id ?? null
  const [best, setBest] = useState<{ search: TicketSearch; of: keyof TicketSearch; count: number }>()

  useEffect(() => {
    let wanted = true
    const each = without(search).map(async ([of, wider]) => {
      const { filter } = variablesOf(wider, me)
      const { tickets } = await read(CountQuery, { filter })
      return { of, search: wider, count: tickets.totalCount ?? 0 }
    })
    Promise.all(each).then(
      (counts) => wanted && setBest(counts.sort((one, other) => other.count - one.count)[0]),
      // Without an answer the filters can still be taken away all at once.
      () => undefined,
    )
    return () => {
      wanted = false
    }
  }, [search, me])

  if (!best?.count) return null
  const names: Partial<Record<keyof TicketSearch, string>> = {
    text: t`il testo`,
    kind: t`il tipo`,
    state: t`lo stato`,
    owner: t`chi`,
    kit: t`il kit`,
    late: t`la scadenza`,
  }
  const name = names[best.of] ?? ''
  const count = lengthText(best.count, i18n.locale)
  return (
    <Link to="/ticket" search={best.search} className="button primary">
      {t`Togli ${name}: ${count} ticket`}
    </Link>
  )
}
