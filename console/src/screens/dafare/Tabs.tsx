import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMayWrite } from '../../app/viewer'
import { useWork, type Work } from '../../app/work'
import type { View } from './search'

const COUNTS: Record<View, keyof Work> = {
  mine: 'mine',
  team: 'team',
  late: 'late',
  inbox: 'intake',
  errors: 'crmErrors',
}

/** The lists of what is to be done, each with how much waits in it. */
export function Tabs({ view, children }: { view: View; children?: ReactNode }) {
  const { t } = useLingui()
  const mayWrite = useMayWrite()
  const work = useWork()
  const names: [View, string][] = [
    ['mine', t`Miei`],
    ['team', t`Squadra`],
    ['late', t`In ritardo`],
    ['inbox', t`Da smistare`],
    ['errors', t`Errori CRM`],
  ]
  return (
    <header className="page-head">
      <h1>{t`Da fare`}</h1>
      <nav className="views" aria-label={t`Viste`}>
        {names
          // Who only reads has no tasks of their own.
          .filter(([name]) => mayWrite || name !== 'mine')
          .map(([name, word]) => (
            <Link
              key={name}
              to="/da-fare"
              search={name === 'mine' ? {} : { view: name }}
              className={`view ${name}`}
              aria-current={name === view ? 'true' : undefined}
              activeOptions={{ exact: true, includeSearch: true }}
              activeProps={{}}
            >
              {word} <span className="count">{work?.[COUNTS[name]]}</span>
            </Link>
          ))}
      </nav>
      {children}
    </header>
  )
}
