import './panel.css'
import { useLingui as useMacro } from '@lingui/react/macro'
import { ArrowLeft } from 'lucide-react'
import { type Ref, useEffect, useRef, useState } from 'react'
import { useNarrow } from '../../app/narrow'
import { Chip, DueDay, Kbd, Person } from '../../ui/parts'
import { TabList } from '../../ui/TabList'
import { Comments } from './Comments'
import { Composer } from './Composer'
import { isOver, shownOf } from './cells'
import { Details } from './Details'
import type { Comment } from './panelDocuments'
import type { Branches, TreeHead, TreeRow } from './rows'
import type { PanelTab } from './search'
import { TaskButtons } from './TaskButtons'
import type { Asked } from './TaskDialogs'
import { TicketOwner, TicketPriority } from './TicketFacts'
import { Timeline } from './Timeline'
import { useTreeParts } from './treeContext'
import { useRowDetails } from './useRowDetails'
import { WhyOpen } from './WhyOpen'

/** The row that has the focus, in full, beside the tree. */
export function RowPanel({
  row,
  head,
  branches,
  tab,
  commenting,
  onTab,
  onGo,
  onAsk,
  onLeave,
  ref,
}: {
  row: TreeRow
  head: TreeHead
  branches: Branches
  tab: PanelTab | undefined
  /** Grows whenever somebody asks to write a comment. */
  commenting: number
  onTab: (tab: PanelTab) => void
  onGo: (id: string) => void
  onAsk: (what: Asked) => void
  onLeave: () => void
  ref: Ref<HTMLElement>
}) {
  const { t } = useMacro()
  const { store, mayWrite } = useTreeParts()
  const details = useRowDetails(store, row)
  const field = useRef<HTMLTextAreaElement>(null)
  const [replyTo, setReplyTo] = useState<Comment | null>(null)
  const milestone = row.kind === 'task' ? store.get(row.milestoneId) : row
  const ticketId = row.kind === 'ticket' ? row.id : milestone?.kind === 'milestone' ? milestone.ticketId : head.id
  const ticket = store.get(ticketId)
  const shown = tab ?? (row.kind === 'task' ? 'work' : 'history')

  useEffect(() => {
    if (commenting) field.current?.focus()
  }, [commenting])

  return (
    <aside
      className="panel"
      aria-label={t`Dettagli`}
      tabIndex={-1}
      ref={ref}
      onKeyDown={(event) => event.key === 'Escape' && onLeave()}
    >
      <div className="panel-scroll">
        <section>
          <p className="quiet panel-top">
            <Back onLeave={onLeave} />
            {ticket?.kind === 'ticket' ? ticket.code : head.code}
          </p>
          <h2>{row.kind === 'ticket' && row.id === head.id ? head.company.name : row.title}</h2>
          <dl className="facts-list">
            <dt>{t`Stato`}</dt>
            <dd>
              <Chip shown={shownOf(row)} />
            </dd>
            <dt>{row.kind === 'task' ? t`Assegnato a` : t`Responsabile`}</dt>
            <dd>
              {row.kind === 'ticket' && <TicketOwner ticket={row} onAsk={onAsk} />}
              {row.kind === 'task' && <Person name={row.assignee.name} />}
              {row.kind === 'milestone' && ticket?.kind === 'ticket' && <Person name={ticket.owner.name} />}
            </dd>
            {row.kind === 'ticket' && (
              <>
                <dt>{t`Priorità`}</dt>
                <dd>
                  <TicketPriority ticket={row} />
                </dd>
              </>
            )}
            <dt>{t`Scadenza`}</dt>
            <dd>
              <DueDay dueOn={row.dueOn} light={row.sla} />
            </dd>
          </dl>
          {row.kind === 'task' && <TaskButtons task={row} onAsk={onAsk} />}
          {mayWrite && row.kind !== 'task' && <AddButtons row={row} onAsk={onAsk} />}
        </section>
        {row.kind !== 'task' && (
          <WhyOpen
            key={ticketId}
            ticketId={ticketId}
            milestoneId={row.kind === 'milestone' ? row.id : null}
            milestoneCount={branches.milestones.get(ticketId)?.length ?? 0}
            onGo={onGo}
          />
        )}
        <TabList
          label={t`Che cosa mostrare`}
          tabs={[
            { id: 'history', name: t`Cronologia` },
            { id: 'comments', name: t`Commenti`, count: details?.comments.totalCount },
            { id: 'work', name: row.kind === 'task' ? t`Task e note` : t`Note e documenti` },
          ]}
          chosen={shown}
          onChoose={onTab}
        >
          {shown === 'history' && <Timeline key={row.id} row={row} rootId={head.id} />}
          {shown === 'comments' && details && (
            <Comments
              key={row.id}
              comments={details.comments.nodes}
              onReply={(comment) => {
                setReplyTo(comment)
                field.current?.focus()
              }}
            />
          )}
          {shown === 'work' && details && <Details key={row.id} row={row} details={details} />}
        </TabList>
      </div>
      {mayWrite && (
        <Composer
          key={row.id}
          ref={field}
          subjectId={row.id}
          replyTo={replyTo}
          onReplied={() => setReplyTo(null)}
          onSent={() => {
            setReplyTo(null)
            onTab('comments')
          }}
          onLeave={onLeave}
        />
      )}
    </aside>
  )
}

function AddButtons({ row, onAsk }: { row: TreeRow; onAsk: (what: Asked) => void }) {
  const { t } = useMacro()
  if (row.status === 'CANCELLED') return null
  return (
    <div className="buttons">
      {row.kind === 'milestone' ? (
        <>
          {!isOver(row) && (
            <button type="button" className="button" onClick={() => onAsk('date')}>
              {t`Scadenza`} <Kbd>D</Kbd>
            </button>
          )}
          <button type="button" className="button" onClick={() => onAsk('task')}>
            {t`Aggiungi un task`} <Kbd>T</Kbd>
          </button>
        </>
      ) : (
        <button type="button" className="button" onClick={() => onAsk('milestone')}>
          {t`Aggiungi una milestone`} <Kbd>M</Kbd>
        </button>
      )}
    </div>
  )
}

/** On a phone the panel takes the place of the tree. */
function Back({ onLeave }: { onLeave: () => void }) {
  const { t } = useMacro()
  if (!useNarrow()) return null
  return (
    <button type="button" className="icon-button" aria-label={t`Torna all’albero`} onClick={onLeave}>
      <ArrowLeft size={18} aria-hidden />
    </button>
  )
}
