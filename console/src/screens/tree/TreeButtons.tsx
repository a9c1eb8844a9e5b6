import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import { LoaderCircle, TriangleAlert } from 'lucide-react'
import { useKeys } from '../../app/keys'
import { Kbd } from '../../ui/parts'
import { type ButtonName, writePress } from '../action/address'
import { BUTTONS, buttonOf } from '../action/buttons'
import type { ActionHere } from './useActionsHere'

/** The three buttons. One whose action runs is its progress, and opens it. */
export function TreeButtons({
  rootId,
  opportunityId,
  actions,
  onShow,
}: {
  rootId: string
  /** The opportunity of the child that the current row is in. */
  opportunityId: string | null
  actions: readonly ActionHere[]
  onShow: (action: string) => void
}) {
  const { t } = useLingui()

  const parts = (['generate', 'sync', 'activities'] as const).map((button) => {
    const targetId = button === 'activities' ? opportunityId : rootId
    const running = actions.find(
      (one) =>
        one.status === 'RUNNING' &&
        buttonOf(one.kind) === button &&
        (button !== 'activities' || !opportunityId || one.opportunity?.id === opportunityId),
    )
    const why = targetId || running ? null : t`Vale per un ticket figlio: scegli una sua riga.`
    return { button, running, why, show: () => show(button, targetId, running) }
  })

  function show(button: ButtonName, targetId: string | null, running: ActionHere | undefined) {
    if (running) onShow(running.id)
    else if (targetId) onShow(writePress({ button, targetId }))
  }

  useKeys(
    parts.map(({ button, show }) => ({
      keys: BUTTONS[button].key,
      label: BUTTONS[button].name,
      group: 'task',
      run: show,
    })),
  )

  return (
    <div className="tree-buttons">
      {parts.map(({ button, running, why, show }) => {
        const { name, icon: Icon, colour, key } = BUTTONS[button]
        return (
          <button
            key={button}
            type="button"
            className={`button ${colour}`}
            aria-disabled={Boolean(why)}
            aria-describedby={why ? 'why-not-activities' : undefined}
            title={why ?? undefined}
            onClick={show}
          >
            {running ? <LoaderCircle size={15} aria-hidden /> : <Icon size={15} aria-hidden />}
            {running ? t`${name} · ${running.finishedCount} di ${running.itemCount}` : name}
            {!running && <Kbd>{key}</Kbd>}
            {why && (
              <span id="why-not-activities" className="unseen">
                {why}
              </span>
            )}
          </button>
        )
      })}
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
