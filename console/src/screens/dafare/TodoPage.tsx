import './dafare.css'
import { useLingui } from '@lingui/react/macro'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ListFilter } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Failure } from '../../app/Failure'
import { useKeys } from '../../app/keys'
import { useNarrow } from '../../app/narrow'
import { usePreload } from '../../app/preload'
import { isTyping } from '../../app/TextFilter'
import { useMayWrite } from '../../app/viewer'
import { Grid } from '../../ui/Grid'
import { Kbd, WaitingRows } from '../../ui/parts'
import { today } from '../../words/figures'
import { useIsNew } from '../setup/useIsNew'
import { type Asked, TaskDialogs } from '../tree/TaskDialogs'
import { TreeContext } from '../tree/treeContext'
import { useTaskChanges } from '../tree/useTaskChanges'
import { useTaskKeys } from '../tree/useTaskKeys'
import { headingOf, useTodoColumns } from './cells'
import { Empty } from './Empty'
import { actionLine, type Decided, itemLine, type Line, taskLines, withRead } from './lines'
import { Pane } from './Pane'
import { filterOf, type TodoFilter, type TodoSearch, type View } from './search'
import { Tabs } from './Tabs'
import { useBulk } from './useBulk'
import { useTodo } from './useTodo'

const loadBulk = () => import('./Bulk').then(({ Bulk }) => ({ default: Bulk }))
const Bulk = lazy(loadBulk)
const TodoFilters = lazy(() => import('./TodoFilters').then(({ TodoFilters }) => ({ default: TodoFilters })))

const SetupPage = lazy(() => import('../setup/SetupPage').then(({ SetupPage }) => ({ default: SetupPage })))

const ROW = 46
const HEADING = 30
const NARROW_ROW = 62
const NO_SUMS = new Map<string, never>()

/** What is to be done: tasks, sales that wait for a decision, and what the CRM refused. */
export function TodoPage() {
  const { t } = useLingui()
  const mayWrite = useMayWrite()
  const search: TodoSearch = useSearch({ from: '/frame/da-fare' })
  const view: View = search.view ?? (mayWrite ? 'mine' : 'team')
  const isNew = useIsNew()
  const narrows = view !== 'inbox' && view !== 'errors'
  const [isNarrowing, setNarrowing] = useState(Object.keys(filterOf(search)).length > 0)

  useEffect(() => {
    document.title = `${t`Da fare`} · IntelligenceHub`
  }, [t])

  // Before the first sale there are no lists to show.
  if (isNew && !search.view) {
    return (
      <Suspense>
        <SetupPage />
      </Suspense>
    )
  }
  return (
    <div className="page">
      <Tabs view={view}>
        {narrows && <FilterButton pressed={isNarrowing} onPress={() => setNarrowing(!isNarrowing)} />}
      </Tabs>
      {narrows && isNarrowing && (
        <Suspense fallback={<div className="filters" />}>
          <TodoFilters view={view} filter={filterOf(search)} onClose={() => setNarrowing(false)} />
        </Suspense>
      )}
      <Todo key={view} view={view} item={search.item} filter={filterOf(search)} />
    </div>
  )
}

function FilterButton({ pressed, onPress }: { pressed: boolean; onPress: () => void }) {
  const { t } = useLingui()
  useKeys([{ keys: 'f', label: t`Filtra`, group: 'list', run: onPress }])
  return (
    <button type="button" className="button end" aria-pressed={pressed} onClick={onPress}>
      <ListFilter size={15} aria-hidden /> {t`Filtra`} <Kbd>F</Kbd>
    </button>
  )
}

function Todo({ view, item, filter }: { view: View; item: string | undefined; filter: TodoFilter }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const narrow = useNarrow()
  const mayWrite = useMayWrite()
  const { tasks, inbox, errors, store, taskOf, readAgain } = useTodo(view, filter)
  const { notes, change, changeTicket, explain, dismiss } = useTaskChanges(store, () => void readAgain())
  const bulk = useBulk(store, explain, readAgain)
  const [current, setCurrent] = useState(item)
  const [asked, setAsked] = useState<Asked>(null)
  const [read, setRead] = useState<{ line: Decided; at: number }>()
  const columns = useTodoColumns({ notes, onDismiss: dismiss })

  const isNarrowed = Object.keys(filter).length > 0
  const lists = [tasks, inbox, errors]
  const isHere = (list: { isOf: boolean; pages: unknown }) => list.isOf && list.pages !== undefined
  const asks =
    view === 'errors'
      ? [errors]
      : view === 'inbox'
        ? [inbox]
        : view === 'mine' && !isNarrowed
          ? [inbox, tasks]
          : [tasks]
  const isRead = asks.every(isHere)
  const error = lists.find((list) => list.error)?.error
  const lines = isRead ? linesOf() : []
  const decided = lines.filter((line) => line.is === 'item' || line.is === 'action')
  const first = lines.find((line) => line.is !== 'heading')
  const shown = lines.find((line) => line.key === current?.replace(':note', '')) ?? (narrow ? undefined : first)
  // Who left the list is no longer selected.
  const selected = new Set(lines.flatMap((line) => (bulk.selected.has(line.key) ? [line.key] : [])))
  const row = shown?.is === 'task' ? store.get(shown.key) : undefined
  const task = row?.kind === 'task' ? row : undefined

  function linesOf(): Line[] {
    if (view === 'errors') return withRead((errors.pages?.nodes ?? []).map(actionLine), read)
    const hasInbox = (view === 'mine' && !isNarrowed) || view === 'inbox'
    const items = hasInbox ? withRead((inbox.pages?.nodes ?? []).map(itemLine), read) : []
    if (view === 'inbox') return items
    const heading: Line[] = items.length
      ? [{ is: 'heading', key: ':inbox', of: 'inbox', count: inbox.pages?.total ?? 0 }]
      : []
    const own = taskLines(tasks.pages?.nodes ?? [], today(), !tasks.pages?.after, new Set(notes.keys()))
    return [...heading, ...items, ...own]
  }

  // What somebody decides about while it is read stays in the list.
  useEffect(() => {
    const line = shown?.is === 'item' || shown?.is === 'action' ? shown : undefined
    if (line?.key !== read?.line.key) setRead(line && { line, at: decided.indexOf(line) })
  })

  // The address follows the focus a moment later: moving fast costs nothing.
  useEffect(() => {
    if (narrow || !current || current === item) return
    const timer = setTimeout(() => open(current, true), 300)
    return () => clearTimeout(timer)
  })

  function open(key: string | undefined, replace: boolean) {
    void navigate({
      to: '/da-fare',
      search: ({ item: _, ...rest }) => (key ? { ...rest, item: key.replace(':note', '') } : rest),
      replace,
    })
  }

  function toList() {
    if (narrow) open(undefined, true)
    document.querySelector<HTMLElement>('.todo-list [role="row"][tabindex="0"]')?.focus()
  }

  // What is selected has the keys, also while their bar loads.
  useTaskKeys(selected.size ? undefined : task, mayWrite, change, setAsked)
  usePreload(loadBulk, mayWrite)

  return (
    <TreeContext value={{ store, sums: NO_SUMS, change, changeTicket, mayWrite, toggle: () => undefined }}>
      <div className={item ? 'todo-body reading' : 'todo-body'}>
        <div className="todo-list">
          {error && !isRead ? (
            <Failure error={error} onAgain={() => void readAgain()} />
          ) : !isRead ? (
            <WaitingRows count={12} height={ROW} label={t`Caricamento…`} />
          ) : !lines.length ? (
            <Empty view={view} isNarrowed={isNarrowed} />
          ) : (
            <Grid
              label={t`Da fare`}
              rows={lines}
              columns={columns}
              keyOf={(line) => line.key}
              rowHeight={(line) => (line.is === 'heading' ? HEADING : narrow ? NARROW_ROW : ROW)}
              headingOf={headingOf}
              current={shown?.key ?? first?.key}
              onCurrent={setCurrent}
              onOpen={(line) => {
                setCurrent(line.key)
                if (narrow) open(line.key, false)
                else document.querySelector<HTMLElement>('.todo-pane')?.focus()
              }}
              opensByTap={narrow}
              onEnd={asks.at(-1)?.more}
              classOf={(line) => ('settled' in line && line.settled ? 'settled' : line.is)}
              selection={mayWrite ? { keys: selected, isSelectable, onChange: bulk.setSelected } : undefined}
              headless
              autoFocus={!isTyping()}
            />
          )}
          {selected.size > 0 && (
            <Suspense>
              <Bulk
                count={selected.size}
                busy={bulk.busy}
                onChange={(wanted) => bulk.run(selected, wanted)}
                onClear={() => bulk.setSelected(new Set())}
              />
            </Suspense>
          )}
          <Foot line={mayWrite ? shown : undefined} />
        </div>
        {shown && (
          <Pane
            line={shown}
            task={task}
            listed={task && taskOf(task.id)}
            onAsk={setAsked}
            onChanged={() => void readAgain()}
            onLeave={toList}
          />
        )}
      </div>
      <TaskDialogs
        asked={asked}
        row={task}
        onChange={change}
        onAsk={setAsked}
        onDone={() => void readAgain()}
        onClose={() => setAsked(null)}
      />
    </TreeContext>
  )
}

const isSelectable = (line: Line) => line.is === 'task'

/** The keys of the current line. */
function Foot({ line }: { line: Line | undefined }) {
  const { t } = useLingui()
  return (
    <footer className="page-foot">
      <span>
        <Kbd>J</Kbd> <Kbd>K</Kbd> {t`scorri`}
      </span>
      <span>
        <Kbd>{t`Invio`}</Kbd> {t`apri accanto`}
      </span>
      {line?.is === 'task' && (
        <>
          <span>
            <Kbd>X</Kbd> {t`completa`}
          </span>
          <span>
            <Kbd>D</Kbd> {t`scadenza`}
          </span>
          <span>
            <Kbd>{t`Spazio`}</Kbd> {t`scegli`}
          </span>
        </>
      )}
      {line?.is === 'item' && (
        <span>
          <Kbd>1</Kbd> <Kbd>2</Kbd> {t`scegli il kit`}
        </span>
      )}
      {line?.is === 'action' && (
        <span>
          <Kbd>R</Kbd> {t`riprova`}
        </span>
      )}
    </footer>
  )
}
