import { useLingui as useMacro } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Choice } from '../../ui/Choice'
import { FacetsQuery } from '../tickets/documents'
import { type BoardSearch, readBoardSearch } from './search'

/** Whose work the board is of. It loads behind the board. */
export function Narrowing({ search }: { search: BoardSearch }) {
  const { t } = useMacro()
  const navigate = useNavigate()
  const [{ data }] = useQuery({ query: FacetsQuery })
  const choose = (change: object) =>
    void navigate({ to: '/indicatori', search: readBoardSearch({ ...search, ...change }) })
  return (
    <>
      <Choice
        label={t`Kit`}
        chosen={search.kit ?? ''}
        options={[{ id: '', name: t`tutti` }, ...(data?.kits.nodes ?? [])]}
        onChoose={(kit) => choose({ kit })}
      />
      <Choice
        label={t`Chi`}
        chosen={search.operator ?? ''}
        options={[{ id: '', name: t`tutti` }, ...(data?.operators.nodes ?? [])]}
        onChoose={(operator) => choose({ operator })}
      />
    </>
  )
}
