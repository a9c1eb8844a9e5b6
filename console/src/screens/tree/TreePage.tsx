import './tree.css'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link, Navigate, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { Failure } from '../../app/Failure'
import { useKeys } from '../../app/keys'
import { useNarrow } from '../../app/narrow'
import { useMayWrite } from '../../app/viewer'
import { type Column, Grid } from '../../ui/Grid'
import { Kbd, Notice, WaitingRows } from '../../ui/parts'
import { readShown } from '../action/address'
import { Assignee, CrmNumber, Due, Element, isOver, Share, State } from './cells'
import { NoteLine } from './NoteLine'
import { branchesOf, isFinished, type Line, linesOf, sumsOf, type TicketRow, type TreeRow } from './rows'
import { type Asked, TaskDialogs } from './TaskDialogs'
import { TreeButtons, WaitingHere } from './TreeButtons'
import { TreeHeader } from './TreeHeader'
import { TreeContext } from './treeContext'
import { useActionsHere } from './useActionsHere'
import { useFolds } from './useFolds'
import { useTaskChanges } from './useTaskChanges'
import { useTaskKeys } from './useTaskKeys'
import { type OpenTree, useAnyChange, useTree } from './useTree'

const loadActionPanel = () => import('../action/ActionPanel').then(({ ActionPanel }) => ({ default: ActionPanel }))
const ActionPanel = lazy(loadActionPanel)
const RowPanel = lazy(() => import('./RowPanel').then(({ RowPanel }) => ({ default: RowPanel })))

const ROW = 33
const NARROW_ROW = 66

/** A parent ticket with everything that was made of it, as it changes. */
export function TreePage() {
  const { t } = useMacro()
  const { code } = useParams({ from: '/frame/ticket/$code' })
  const { row } = useSearch({ from: '/frame/ticket/$code' })
  const { tree, again } = useTree(code)
  const narrow = useNarrow()

  useEffect(() => {
    document.title = `${code} · IntelligenceHub`
  }, [code])

  switch (tree.is) {
    case 'failed':
      return <Failure alone error={tree.error} onAgain={again} />
    case 'loading':
      return (
        <div className="page">
          <header className="tree-head">
            <Crumbs code={code} />
          </header>
          <WaitingRows count={14} height={narrow ? NARROW_ROW : ROW} label={t`Caricamento…`} />
        </div>
      )
    case 'absent':
      return (
        <Notice
          alone
          title={t`Nessun ticket ha il codice ${code}`}
          action={
            <Link to="/ticket" className="button">
              {t`Vai ai ticket`}
            </Link>
          }
        />
      )
    case 'child':
      return (
        <Navigate to="/ticket/$code" params={{ code: tree.parentCode }} search={{ row: row ?? tree.childId }} replace />
      )
    case 'open':
      return <Tree key={tree.head.id} tree={tree} />
  }
}

export function Crumbs({ code }: { code: string }) {
  const { t } = useMacro()
  return (
    <nav className="crumbs" aria-label={t`Percorso`}>
      <Link to="/ticket">{t`Ticket`}</Link>
      <span aria-hidden>›</span>
      <span className="code">{code}</span>
    </nav>
  )
}

function Tree({ tree }: { tree: OpenTree }) {
  const { t } = useMacro()
  const { store, head } = tree
  const navigate = useNavigate()
  const search = useSearch({ from: '/frame/ticket/$code' })
  const narrow = useNarrow()
  const mayWrite = useMayWrite()
  const changes = useAnyChange(store)
  const [current, setCurrent] = useState<string | undefined>(search.row)
  const [asked, setAsked] = useState<Asked>(null)
  const [commenting, setCommenting] = useState(0)
  const [opened, setOpened] = useState(false)
  const panel = useRef<HTMLElement>(null)
  const { notes, change, changeTicket, dismiss } = useTaskChanges(store)
  const folds = useFolds(search.row, store)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the number of changes stands for the store's rows.
  const branches = useMemo(() => branchesOf(store.rows(), head.id), [changes, store, head.id])
  const sums = useMemo(() => (branches ? sumsOf(branches) : new Map()), [branches])
  const lines = branches ? linesOf(branches, folds.isOpen, new Set(notes.keys())) : []
  const row = current ? store.get(current.replace(':note', '')) : undefined
  const task = row?.kind === 'task' ? row : undefined

  const shown = readShown(search.action)
  const actions = useActionsHere(store, search.action, () => void tree.readAgain())

  // The address follows the focus a moment later: moving fast costs nothing.
  useEffect(() => {
    if (!current || current === search.row) return
    const row = current.replace(':note', '')
    const timer = setTimeout(
      () => void navigate({ to: '.', search: (before) => ({ ...before, row }), replace: true }),
      300,
    )
    return () => clearTimeout(timer)
  }, [current, search.row, navigate])

  function show(action: string | undefined, replace: boolean) {
    void navigate({ to: '.', search: ({ action: _, ...rest }) => (action ? { ...rest, action } : rest), replace })
  }

  function go(id: string) {
    setOpened(false)
    folds.reveal(id, store)
    setCurrent(id)
  }

  /** Where there is no room for both, the panel takes the place of the tree. */
  function openPanel() {
    flushSync(() => setOpened(true))
    panel.current?.focus()
  }

  function toRow() {
    document.querySelector<HTMLElement>('.tree-grid [role="row"][tabindex="0"]')?.focus()
  }

  useTaskKeys(task, mayWrite, change, setAsked)
  useKeys(
    mayWrite && row && !shown
      ? [
          { keys: 'c', label: t`Commenta`, group: 'task', run: () => setCommenting((before) => before + 1) },
          {
            keys: 't',
            label: t`Aggiungi un task`,
            group: 'task',
            run: () => row.kind !== 'ticket' && setAsked('task'),
          },
          ...(row.kind === 'milestone' && !isOver(row)
            ? [{ keys: 'd', label: t`Sposta la scadenza`, group: 'task' as const, run: () => setAsked('date') }]
            : []),
          { keys: 'm', label: t`Aggiungi una milestone`, group: 'task', run: () => setAsked('milestone') },
        ]
      : [],
  )

  const columns: Column<Line>[] = [
    {
      id: 'element',
      title: t`Elemento`,
      width: 'minmax(220px, 1fr)',
      cell: (line) =>
        line.isNote ? (
          <NoteLine note={notes.get(line.id)} onDismiss={() => dismiss(line.id)} />
        ) : (
          <Element line={line} />
        ),
    },
    { id: 'state', title: t`Stato`, width: '118px', cell: (line) => <State line={line} /> },
    // The panel of an action takes its place.
    ...(shown
      ? []
      : [{ id: 'share', title: t`Avanzamento`, width: '100px', cell: (line: Line) => <Share line={line} /> }]),
    { id: 'due-on', title: t`Scadenza`, width: '120px', cell: (line) => <Due line={line} /> },
    { id: 'owner', title: t`Chi`, width: '108px', cell: (line) => <Assignee line={line} /> },
    { id: 'crm', title: t`CRM`, width: '64px', cell: (line) => <CrmNumber line={line} /> },
  ]

  if (!branches) return <Notice alone title={t`Questo ticket non c’è più`} />
  return (
    <TreeContext value={{ store, sums, change, changeTicket, mayWrite, toggle: folds.set }}>
      <div className="page">
        <TreeHeader
          head={head}
          branches={branches}
          sum={sums.get(head.id)}
          onNext={go}
          onDetails={() => {
            setCurrent(head.id)
            openPanel()
          }}
          onAsk={setAsked}
          note={notes.get(head.id)}
          onDismiss={() => dismiss(head.id)}
          waiting={<WaitingHere actions={actions} onShow={(id) => show(id, false)} />}
          buttons={
            mayWrite && (
              <TreeButtons
                store={store}
                rootId={head.id}
                child={childOf(row, store)}
                actions={actions}
                onShow={(action) => show(action, false)}
              />
            )
          }
        />
        <div className={`tree-body ${shown ? 'with-action' : opened ? 'with-panel' : ''}`}>
          <div className="tree-grid">
            {lines.length ? (
              <Grid
                label={t`Albero di ${head.code}`}
                rows={lines}
                columns={columns}
                keyOf={(line) => line.key}
                rowHeight={narrow ? NARROW_ROW : ROW}
                current={current}
                onCurrent={setCurrent}
                onOpen={() => openPanel()}
                opensByTap={narrow}
                levelOf={(line) => line.level}
                isExpanded={(line) => line.expanded}
                onExpand={(line, expanded) => folds.set(line.id, expanded)}
                classOf={(line) => classOf(line, store.get(line.id))}
                autoFocus={search.row !== head.id}
              />
            ) : (
              <Notice title={t`Qui non c’è ancora lavoro`} />
            )}
            <footer className="page-foot">
              <span>
                <Kbd>J</Kbd> <Kbd>K</Kbd> {t`scorri`}
              </span>
              <span>
                <Kbd>←</Kbd> <Kbd>→</Kbd> {t`chiudi e apri`}
              </span>
              {mayWrite && (
                <>
                  <span>
                    <Kbd>X</Kbd> {t`completa`}
                  </span>
                  <span>
                    <Kbd>A</Kbd> {t`assegna`}
                  </span>
                  <span>
                    <Kbd>D</Kbd> {t`scadenza`}
                  </span>
                </>
              )}
              <span className="end">{t`${store.size - 1} elementi`}</span>
            </footer>
          </div>
          {shown ? (
            <Suspense fallback={<aside className="action-panel" />}>
              <ActionPanel
                shown={shown}
                ticket={head}
                onShow={(id) => show(id, true)}
                onEnd={() => void tree.readAgain()}
                onClose={() => {
                  show(undefined, true)
                  toRow()
                }}
              />
            </Suspense>
          ) : (
            <Suspense fallback={<aside className="panel" />}>
              <RowPanel
                ref={panel}
                row={row ?? branches.root}
                head={head}
                branches={branches}
                tab={search.tab}
                commenting={commenting}
                onTab={(tab) => void navigate({ to: '.', search: (before) => ({ ...before, tab }), replace: true })}
                onGo={go}
                onAsk={setAsked}
                onLeave={() => {
                  flushSync(() => setOpened(false))
                  toRow()
                }}
              />
            </Suspense>
          )}
        </div>
        <TaskDialogs
          asked={asked}
          row={row ?? branches.root}
          onChange={change}
          onAdded={(id) => {
            flushSync(() => {
              setAsked(null)
              go(id)
            })
            // Before the dialog gives the focus back to the row at which it was asked for.
            toRow()
          }}
          onAsk={setAsked}
          onClose={() => setAsked(null)}
        />
      </div>
    </TreeContext>
  )
}

/** The child ticket that a row is in. */
function childOf(row: TreeRow | undefined, store: OpenTree['store']): TicketRow | null {
  const milestone = row?.kind === 'task' ? store.get(row.milestoneId) : row
  const ticket = milestone?.kind === 'milestone' ? store.get(milestone.ticketId) : milestone
  return ticket?.kind === 'ticket' && ticket.parentId ? ticket : null
}

function classOf(line: Line, row: TreeRow | undefined): string {
  if (line.isNote) return 'note'
  if (row?.kind === 'task') return isFinished(row) ? 'task finished' : 'task'
  return row?.kind ?? ''
}
