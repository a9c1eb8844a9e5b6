import { useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { Heading, ListBox, ListBoxItem } from 'react-aria-components'
import { useQuery } from 'urql'
import { failureOf } from '../../api/client'
import { Failure } from '../../app/Failure'
import { Modal } from '../../ui/Modal'
import { Avatar } from '../../ui/parts'
import { OperatorsQuery } from './documents'
import type { Person } from './rows'

/** Chooses an operator, by typing the beginning of a name or with the arrows. */
export function AssignDialog({
  title,
  now,
  onChoose,
  onClose,
  children,
}: {
  title: string
  /** The operator who is it already. */
  now?: Person
  onChoose: (operator: Person) => void
  onClose: () => void
  /** What else is asked. */
  children?: ReactNode
}) {
  const { t } = useLingui()
  const [{ data, error }, again] = useQuery({ query: OperatorsQuery })
  return (
    <Modal onClose={onClose}>
      <Heading slot="title">{title}</Heading>
      {children}
      {error && <Failure error={failureOf(error)} onAgain={() => again({ requestPolicy: 'network-only' })} />}
      {data && (
        <ListBox
          aria-label={t`Operatori`}
          items={data.operators.nodes}
          autoFocus
          className="choice-list"
          onAction={(id) => {
            const operator = data.operators.nodes.find((one) => one.id === id)
            onClose()
            if (operator && operator.id !== now?.id) onChoose({ id: operator.id, name: operator.name })
          }}
        >
          {(operator) => (
            <ListBoxItem id={operator.id} textValue={operator.name} className="choice-option">
              <span className="person">
                <Avatar name={operator.name} />
                <span>{operator.name}</span>
              </span>
              <span className="quiet">{operator.id === now?.id ? t`ora` : operator.workflowRoles.join(', ')}</span>
            </ListBoxItem>
          )}
        </ListBox>
      )}
    </Modal>
  )
}
