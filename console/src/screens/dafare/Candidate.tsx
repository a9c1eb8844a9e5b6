import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Kbd } from '../../ui/parts'
import { money } from '../../words/figures'
import type { Kit } from './documents'

/** A kit that the text may name, with what it sells. */
export function Candidate({
  id,
  name,
  kit,
  number,
  chosen,
  onChoose,
}: {
  id: string
  name: string
  kit: Kit
  number: number
  chosen: boolean
  onChoose: () => void
}) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const sum = kit.lines.reduce((whole, { quantity, service }) => whole + quantity * Number(service.price), 0)
  const currency = kit.lines[0]?.service.currency
  return (
    <label className={chosen ? 'candidate chosen' : 'candidate'}>
      <input type="radio" id={id} name={name} checked={chosen} onChange={onChoose} />
      <span>
        <b>{kit.name}</b>
        <span className="quiet">
          {kit.lines
            .map(({ service, mandatory }) => (mandatory ? service.name : t`${service.name} (facoltativa)`))
            .join(' · ')}
        </span>
        {currency && <span>{money(sum, currency, i18n.locale)}</span>}
      </span>
      {number < 10 && <Kbd>{number}</Kbd>}
    </label>
  )
}
