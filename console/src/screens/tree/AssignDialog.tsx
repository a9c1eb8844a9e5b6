import { useLingui } from '@lingui/react/macro'
import { Heading, ListBox, ListBoxItem } from 'react-aria-components'
import { useQuery } from 'urql'
import { failureOf } from '../../api/client'
import { Failure } from '../../app/Failure'
import { Modal } from '../../ui/Modal'
import { Avatar } from '../../ui/parts'
import { OperatorsQuery } from './documents'
import type { TaskRow } from './rows'

/** Chooses who does a task, by typing the beginning of a name or with the arrows. */
export function AssignDialog({
  task,
  onChoose,
  onClose,
}: {
  task: TaskRow
  onChoose: (operator: { id: string; name: string }) => void
  onClose: () => void
}) {
  const { t } = useLingui()
  const [{ data, error }, again] = useQuery({ query: OperatorsQuery })
  return (
    <Modal onClose={onClose}>
      <Heading slot="title">{t`Assegna: ${task.title}`}</Heading>
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
            if (operator && operator.id !== task.assignee.id) onChoose({ id: operator.id, name: operator.name })
          }}
        >
          {(operator) => (
            <ListBoxItem id={operator.id} textValue={operator.name} className="choice-option">
              <span className="person">
                <Avatar name={operator.name} />
                <span>{operator.name}</span>
              </span>
              <span className="quiet">
                {operator.id === task.assignee.id ? t`ora` : operator.workflowRoles.join(', ')}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      )}
    </Modal>
  )
}
