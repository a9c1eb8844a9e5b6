import { useLingui } from '@lingui/react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type KpiKey, measureWords } from '../../words/kpis'
import type { Measure } from './documents'
import { numberOf } from './figures'

/** A number, as a link to the rows behind it. The link keeps what the number was when it was seen. */
export function RowsLink({
  measure,
  of,
  children,
  className = 'number',
  label,
}: {
  measure: Measure
  of: KpiKey
  children?: ReactNode
  className?: string
  label?: string
}) {
  const { i18n } = useLingui()
  return (
    <Link
      to="/indicatori/righe"
      search={{
        address: measure.address,
        figure: of,
        ...(measure.value === null ? {} : { seen: Number(measure.value) }),
      }}
      className={className}
      aria-label={label}
    >
      {children ?? measureWords(numberOf(measure.value), measure.unit, i18n)}
    </Link>
  )
}
