import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useQuery } from 'urql'
import { TextFilter } from '../../app/TextFilter'
import { Choice } from '../../ui/Choice'
import { PRIORITIES, PRIORITY } from '../../words/status'
import { FacetsQuery } from '../tickets/documents'
import { readTodoSearch, type TodoFilter, type View } from './search'

/** Narrows the list of tasks; the address keeps how. */
export function TodoFilters({ view, filter, onClose }: { view: View; filter: TodoFilter; onClose: () => void }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const navigate = useNavigate()
  const [{ data }] = useQuery({ query: FacetsQuery })

  function choose(change: { [Key in keyof TodoFilter]: string | undefined }) {
    void navigate({
      to: '/da-fare',
      search: ({ item: _item, ...rest }) => readTodoSearch({ ...rest, ...change }),
      replace: true,
    })
  }

  return (
    <div className="filters" role="group" aria-label={t`Filtri`}>
      <TextFilter
        text={filter.text ?? ''}
        onChange={(text) => choose({ text: text || undefined })}
        autoFocus={Object.keys(filter).length === 0}
      />
      {view !== 'mine' && (
        <Choice
          label={t`Chi`}
          chosen={filter.assignee ?? ''}
          options={[{ id: '', name: t`tutti` }, ...(data?.operators.nodes ?? [])]}
          onChoose={(assignee) => choose({ assignee })}
        />
      )}
      <Choice
        label={t`Kit`}
        chosen={filter.kit ?? ''}
        options={[{ id: '', name: t`tutti` }, ...(data?.kits.nodes ?? [])]}
        onChoose={(kit) => choose({ kit })}
      />
      <Choice
        label={t`Priorità`}
        chosen={filter.priority ?? ''}
        options={[{ id: '', name: t`tutte` }, ...PRIORITIES.map((id) => ({ id, name: _(PRIORITY[id]) }))]}
        onChoose={(priority) => choose({ priority })}
      />
      <button
        type="button"
        className="icon-button"
        aria-label={t`Togli i filtri`}
        title={t`Togli i filtri`}
        onClick={() => {
          choose({ text: undefined, assignee: undefined, kit: undefined, priority: undefined })
          onClose()
        }}
      >
        <X size={16} aria-hidden />
      </button>
    </div>
  )
}
