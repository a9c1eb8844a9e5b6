import { useLingui } from '@lingui/react/macro'
import { Heading } from 'react-aria-components'
import { Modal } from '../ui/Modal'
import { Kbd } from '../ui/parts'
import { type Binding, currentBindings } from './keys'
import { singleKeys, usePreference } from './preferences'

/** Every key that counts on this screen, and the switch for single letters. */
export function KeyHelp({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const letters = usePreference(singleKeys)
  const titles: Record<Binding['group'], string> = {
    everywhere: t`Ovunque`,
    go: t`Vai a`,
    list: t`Nelle liste`,
    task: t`Sul task`,
  }
  // The list itself handles these.
  const ofLists: Omit<Binding, 'run'>[] = [
    { keys: 'j k', label: t`Scorri`, group: 'list' },
    { keys: '← →', label: t`Chiudi e apri`, group: 'list' },
    { keys: 'enter', label: t`Apri`, group: 'list' },
  ]
  const bindings = [...currentBindings(), ...ofLists]
  return (
    <Modal onClose={onClose} className="key-help">
      <Heading slot="title">{t`Tasti`}</Heading>
      <div className="key-groups">
        {(Object.keys(titles) as Binding['group'][]).map((group) => {
          const own = bindings.filter((binding) => binding.group === group)
          if (!own.length) return null
          return (
            <section key={group}>
              <h3>{titles[group]}</h3>
              <dl>
                {own.map((binding) => (
                  <div key={binding.keys}>
                    <dt>
                      {binding.keys.split(' ').map((key) => (
                        <Kbd key={key}>{keyName(key)}</Kbd>
                      ))}
                    </dt>
                    <dd>{binding.label}</dd>
                  </div>
                ))}
              </dl>
            </section>
          )
        })}
      </div>
      <label className="switch">
        <input
          type="checkbox"
          checked={letters === 'on'}
          onChange={(event) => singleKeys.set(event.target.checked ? 'on' : 'off')}
        />
        {t`Le lettere da sole sono comandi`}
      </label>
    </Modal>
  )
}

function keyName(key: string): string {
  const names: Record<string, string> = { 'ctrl+k': 'Ctrl K', 'ctrl+z': 'Ctrl Z', Escape: 'Esc', enter: '↵' }
  return names[key] ?? key.toUpperCase()
}
