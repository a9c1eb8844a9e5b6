import { useLingui as useMacro } from '@lingui/react/macro'
import { useQuery } from 'urql'
import { Choice } from '../../ui/Choice'
import { FacetsQuery } from './documents'
import type { TicketSearch } from './search'

export type FilterChange = { [Key in keyof TicketSearch]?: TicketSearch[Key] | undefined }

/** What the list of tickets is narrowed by. It loads behind the list. */
export function FilterChoices({
  search,
  onChoose,
}: {
  search: TicketSearch
  onChoose: (change: FilterChange) => void
}) {
  const { t } = useMacro()
  const [{ data }] = useQuery({ query: FacetsQuery })
  return (
    <>
      <Choice
        label={t`Tipo`}
        chosen={search.kind ?? 'PARENT'}
        options={[
          { id: 'PARENT', name: t`padri` },
          { id: 'CHILD', name: t`figli` },
          { id: 'ALL', name: t`padri e figli` },
        ]}
        onChoose={(kind) => onChoose({ kind: kind === 'PARENT' ? undefined : (kind as 'CHILD' | 'ALL') })}
      />
      <Choice
        label={t`Stato`}
        chosen={search.state ?? ''}
        options={[
          { id: '', name: t`tutti` },
          { id: 'WORKING', name: t`aperti o in corso` },
          { id: 'OPEN', name: t`aperti` },
          { id: 'IN_PROGRESS', name: t`in corso` },
          { id: 'CLOSED', name: t`chiusi` },
          { id: 'CANCELLED', name: t`annullati` },
        ]}
        onChoose={(state) => onChoose({ state: (state || undefined) as TicketSearch['state'] })}
      />
      <Choice
        label={t`Chi`}
        chosen={search.owner ?? ''}
        options={[{ id: '', name: t`tutti` }, { id: 'me', name: t`io` }, ...(data?.operators.nodes ?? [])]}
        onChoose={(owner) => onChoose({ owner: owner || undefined })}
      />
      <Choice
        label={t`Kit`}
        chosen={search.kit ?? ''}
        options={[{ id: '', name: t`tutti` }, ...(data?.kits.nodes ?? [])]}
        onChoose={(kit) => onChoose({ kit: kit || undefined })}
      />
      <Choice
        label={t`Scadenza`}
        chosen={search.late ? 'late' : ''}
        options={[
          { id: '', name: t`tutte` },
          { id: 'late', name: t`passata` },
        ]}
        onChoose={(late) => onChoose({ late: late === 'late' || undefined })}
      />
    </>
  )
}
