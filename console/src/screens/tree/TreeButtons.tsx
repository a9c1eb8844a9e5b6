import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { LoaderCircle, TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useKeys } from '../../app/keys'
import { Kbd } from '../../ui/parts'
import { problemWords } from '../../words/problems'
import { type ButtonName, writePress } from '../action/address'
import { BUTTONS, buttonOf } from '../action/buttons'
import type { TicketRow } from './rows'
import type { ActionHere } from './useActionsHere'
import { useAvailability } from './useAvailability'
import type { TreeStore } from './useTree'

const NAMES = ['generate', 'sync', 'activities'] as const

/**
 * The three buttons. One whose action runs is its progress, and opens it. One that cannot be pressed now says why: to
 * the pointer and the focus, and whenever it is pressed nevertheless.
 */
export function TreeButtons({
  store,
  rootId,
  child,
  actions,
  onShow,
}: {
  store: TreeStore
  rootId: string
  /** The child that the current row is in. */
  child: TicketRow | null
  actions: readonly ActionHere[]
  onShow: (action: string) => void
}) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const obstacles = useAvailability(store, rootId, child?.id ?? null)
  const [told, setTold] = useState<ButtonName | null>(null)

  const parts = NAMES.map((button) => {
    const targetId = button === 'activities' ? (child?.opportunityId ?? null) : rootId
    const running = actions.find(
      (one) =>
        one.status === 'RUNNING' &&
        buttonOf(one.kind) === button &&
        (button !== 'activities' || !targetId || one.opportunity?.id === targetId),
    )
    const obstacle = obstacles[button]
    const opens = running?.id ?? obstacle?.actionId ?? (targetId && writePress({ button, targetId }))
    let why: string | null = null
    if (!running && obstacle) why = _(problemWords(obstacle.code))
    else if (!opens) why = t`Vale per un ticket figlio: scegli una sua riga.`
    return {
      button,
      running,
      why,
      press: () => (opens && (!why || obstacle?.actionId) ? onShow(opens) : setTold(button)),
    }
  })
  const whyTold = parts.find(({ button }) => button === told)?.why ?? null

  useEffect(() => {
    if (!told) return
    const timer = setTimeout(() => setTold(null), whyTold ? 6_000 : 0)
    return () => clearTimeout(timer)
  }, [told, whyTold])

  useKeys(
    parts.map(({ button, press }) => ({
      keys: BUTTONS[button].key,
      label: BUTTONS[button].name,
      group: 'task',
      run: press,
    })),
  )

  return (
    <div className="tree-buttons">
      {parts.map(({ button, running, why, press }) => {
        const { name, icon: Icon, colour, key } = BUTTONS[button]
        return (
          <span key={button} className="tree-button">
            <button
              type="button"
              className={`button ${colour}`}
              aria-disabled={Boolean(why)}
              aria-describedby={why ? `why-not-${button}` : undefined}
              onClick={press}
            >
              {running ? <LoaderCircle size={15} aria-hidden /> : <Icon size={15} aria-hidden />}
              {running ? t`${name} · ${running.finishedCount} di ${running.itemCount}` : name}
              {!running && <Kbd>{key}</Kbd>}
            </button>
            {why && (
              <span id={`why-not-${button}`} className={told === button ? 'why-not told' : 'why-not'}>
                {why}
              </span>
            )}
          </span>
        )
      })}
      <span className="unseen" role="status">
        {whyTold}
      </span>
    </div>
  )
}

/** What of this tree waits for a person, one step away. */
export function WaitingHere({ actions, onShow }: { actions: readonly ActionHere[]; onShow: (action: string) => void }) {
  const waiting = actions.filter((one) => one.status === 'WAITING')
  return waiting.map((one) => {
    const button = buttonOf(one.kind)
    return (
      <button key={one.id} type="button" className="waiting-here" onClick={() => onShow(one.id)}>
        <TriangleAlert size={14} aria-hidden />
        {button && BUTTONS[button].name}:{' '}
        {plural(one.attentionCount, { one: '# voce aspetta', other: '# voci aspettano' })}
      </button>
    )
  })
}
