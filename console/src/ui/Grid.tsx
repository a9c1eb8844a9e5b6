import './selection.css'
import { useLingui } from '@lingui/react/macro'
import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
} from 'react'
import { type Selection, useSelecting } from './selection'

export type Column<Row> = {
  id: string
  title: ReactNode
  /** A track of the grid's template. */
  width: string
  /** Placed at the right edge, as figures are. */
  end?: boolean
  /** `aria-sort` of a list that is in this column's order. */
  sorted?: 'ascending' | 'descending' | undefined
  cell: (row: Row) => ReactNode
}

export type GridProps<Row> = {
  label: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  keyOf: (row: Row) => string
  rowHeight: number | ((row: Row) => number)
  /** What a row says that only stands over others, and takes no focus. */
  headingOf?: (row: Row) => ReactNode
  /** The row that has the focus, or gets it first. */
  current: string | undefined
  onCurrent: (key: string) => void
  onOpen?: (row: Row) => void
  /** A tap opens the row, where there are no keys. */
  opensByTap?: boolean
  /** A tree's rows: how deep they lie, and whether they are unfolded; undefined for a leaf. */
  levelOf?: (row: Row) => number
  isExpanded?: (row: Row) => boolean | undefined
  onExpand?: (row: Row, expanded: boolean) => void
  /** Where rows can be selected: by their box, by Space, and with Shift many at once. */
  selection?: Selection<Row> | undefined
  classOf?: (row: Row) => string
  /** Called when the last rows come near. */
  onEnd?: () => void
  /** How many rows the whole list has, where not all are here; infinite, where nobody knows. */
  total?: number | undefined
  /** Its columns have titles for those who hear them alone. */
  headless?: boolean
  /** Takes the focus when the grid appears. */
  autoFocus?: boolean
}

/**
 * A list or a tree of any length: only the rows in sight are in the page, and the focused one always is, so that real
 * focus moves from row to row. Its parent needs `min-height: 0`, or every row is drawn.
 */
export function Grid<Row>(props: GridProps<Row>) {
  const { rows, columns, keyOf, rowHeight, current, onCurrent, levelOf, isExpanded, onEnd, selection } = props
  const { t } = useLingui()
  const selecting = useSelecting(selection, rows, keyOf)
  const scroller = useRef<HTMLDivElement>(null)
  const lastIndex = useRef(0)

  const headerHeight = props.headless ? 0 : HEADER_HEIGHT
  const heightOf = (row: Row) => (typeof rowHeight === 'number' ? rowHeight : rowHeight(row))
  const isHeading = (row: Row | undefined) => row !== undefined && props.headingOf?.(row) !== undefined

  /** The nearest row that takes the focus, first in the direction of the step. */
  function nearest(index: number, step: 1 | -1): number {
    const start = Math.max(0, Math.min(index, rows.length - 1))
    for (const direction of [step, -step]) {
      for (let at = start; at >= 0 && at < rows.length; at += direction) if (!isHeading(rows[at])) return at
    }
    return -1
  }

  const found = rows.findIndex((row) => keyOf(row) === current)
  // A row that leaves passes the focus to the one that takes its place.
  const at = found >= 0 ? found : nearest(lastIndex.current, 1)
  const hadFocus = useRef(false)
  const moved = useRef(props.autoFocus ?? false)
  const inSight = useRef<string | undefined>(undefined)

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(rows[index] as Row),
    getItemKey: (index) => keyOf(rows[index] as Row),
    overscan: 6,
    scrollPaddingStart: headerHeight,
    rangeExtractor: useCallback(
      (range: Range) => {
        const shown = defaultRangeExtractor(range)
        if (at < 0 || at >= range.count || shown.includes(at)) return shown
        return [...shown, at].sort((one, other) => one - other)
      },
      [at],
    ),
  })

  const usualHeight = rows[at] === undefined ? 0 : heightOf(rows[at])
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are placed anew.
  useLayoutEffect(() => {
    virtualizer.measure()
  }, [virtualizer, usualHeight])

  useEffect(() => {
    lastIndex.current = Math.max(at, 0)
  }, [at])

  // Where somebody went within the grid they see. Where the page leads is shown with what is around it.
  useLayoutEffect(() => {
    if (found < 0 || current === inSight.current) return
    inSight.current = current
    virtualizer.scrollToIndex(found, { align: 'center' })
  })

  useEffect(() => {
    const row = rows[at]
    if (found >= 0 || !row || !hadFocus.current) return
    inSight.current = keyOf(row)
    onCurrent(keyOf(row))
  })

  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return
    const row = element.querySelector<HTMLElement>('[role="row"][tabindex="0"]')
    const lost = hadFocus.current && (document.activeElement === document.body || document.activeElement === null)
    if (!row || !(lost || moved.current)) return
    row.focus({ preventScroll: true })
    moved.current = false
  })

  const items = virtualizer.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? -1

  useEffect(() => {
    if (rows.length && lastShown >= rows.length - 10) onEnd?.()
  }, [lastShown, rows.length, onEnd])

  function moveTo(index: number) {
    const target = nearest(index, index < at ? -1 : 1)
    const row = rows[target]
    if (!row) return undefined
    moved.current = true
    inSight.current = keyOf(row)
    virtualizer.scrollToIndex(target, { align: 'auto' })
    onCurrent(keyOf(row))
    return row
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[at]
    if (!row || !(event.target as HTMLElement).matches('[role="row"]')) return
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headerHeight) / heightOf(row)) - 1)
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const target = new Map([
      ['ArrowDown', at + 1],
      ['ArrowUp', at - 1],
      ['j', at + 1],
      ['k', at - 1],
      ['Home', 0],
      ['End', rows.length - 1],
      ['PageDown', at + page],
      ['PageUp', at - page],
    ]).get(key)
    if (target !== undefined) {
      event.preventDefault()
      const reached = moveTo(target)
      if (event.shiftKey && reached) selecting.extend(row, reached)
    } else if (key === 'Escape') {
      // Without a selection the key closes what is around the grid.
      if (selecting.clear()) event.preventDefault()
    } else {
      const run = new Map([
        ['ArrowRight', () => unfoldOrEnter(row)],
        ['ArrowLeft', () => foldOrLeave(row)],
        ['Enter', () => props.onOpen?.(row)],
        ...(selection ? [[' ', () => selecting.toggle(row)] as const] : []),
      ]).get(key)
      if (!run) return
      event.preventDefault()
      run()
    }
  }

  /** A box is no place for the focus: the keys belong to its row. */
  function onBox(event: MouseEvent, row: Row, index: number) {
    event.stopPropagation()
    if (event.shiftKey && rows[at]) selecting.extend(rows[at], row)
    else selecting.toggle(row)
    moveTo(index)
  }

  function unfoldOrEnter(row: Row) {
    const expanded = isExpanded?.(row)
    if (expanded === false) props.onExpand?.(row, true)
    else if (expanded) moveTo(at + 1)
  }

  function foldOrLeave(row: Row) {
    if (isExpanded?.(row)) {
      props.onExpand?.(row, false)
      return
    }
    const level = levelOf?.(row) ?? 1
    for (let index = at - 1; index >= 0; index -= 1) {
      const above = rows[index]
      if (above && (levelOf?.(above) ?? 1) < level) {
        moveTo(index)
        return
      }
    }
  }

  const widths = columns.map((column) => column.width)
  const template = { gridTemplateColumns: (selection ? [BOX_WIDTH, ...widths] : widths).join(' ') }
  const columnCount = widths.length + (selection ? 1 : 0)
  return (
    <div
      className={selection?.keys.size ? 'grid selecting' : 'grid'}
      role={levelOf ? 'treegrid' : 'grid'}
      aria-label={props.label}
      aria-rowcount={props.total === Number.POSITIVE_INFINITY ? -1 : (props.total ?? rows.length) + 1}
      aria-colcount={columnCount}
      aria-multiselectable={selection ? true : undefined}
      ref={scroller}
      onKeyDown={onKeyDown}
      onFocus={() => {
        hadFocus.current = true
      }}
      onBlur={(event) => {
        // A row that is taken out of the page loses its focus to nothing; a person moves it to something.
        if (event.relatedTarget) hadFocus.current = event.currentTarget.contains(event.relatedTarget)
      }}
    >
      <div className={props.headless ? 'grid-head unseen' : 'grid-head'} role="rowgroup">
        <div className="grid-row" role="row" aria-rowindex={1} style={template}>
          {selection && (
            <div role="columnheader" className="cell box">
              <span className="unseen">{t`Scelta`}</span>
            </div>
          )}
          {columns.map((column) => (
            <div
              key={column.id}
              role="columnheader"
              className={`cell ${column.id}${column.end ? ' end' : ''}`}
              aria-sort={column.sorted}
            >
              {column.title}
            </div>
          ))}
        </div>
      </div>
      <div className="grid-body" role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]
          if (!row) return null
          const key = keyOf(row)
          const level = levelOf?.(row)
          const place = { height: item.size, transform: `translateY(${item.start}px)` }
          const heading = props.headingOf?.(row)
          if (heading !== undefined) {
            return (
              <div
                key={item.key}
                role="row"
                className="grid-row grid-heading"
                aria-rowindex={item.index + 2}
                style={place}
              >
                <div role="gridcell" aria-colspan={columnCount} className="cell">
                  {heading}
                </div>
              </div>
            )
          }
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around the rows has their keys.
            <div
              key={item.key}
              role="row"
              className={`grid-row ${props.classOf?.(row) ?? ''}${item.index === at ? ' current' : ''}`}
              tabIndex={item.index === at ? 0 : -1}
              aria-rowindex={item.index + 2}
              aria-level={level}
              aria-expanded={isExpanded?.(row)}
              aria-selected={selection?.isSelectable(row) ? selection.keys.has(key) : undefined}
              data-key={key}
              style={{ ...template, ...levelStyle(level), ...place }}
              onFocus={(event) => {
                if (event.target !== event.currentTarget || key === current) return
                inSight.current = key
                onCurrent(key)
              }}
              onClick={(event) => {
                const isPart = (event.target as Element).closest('button, a')
                if (props.opensByTap && !isPart) props.onOpen?.(row)
              }}
              onDoubleClick={() => props.onOpen?.(row)}
            >
              {selection && (
                <div role="gridcell" className="cell box">
                  {selection.isSelectable(row) && (
                    <input
                      type="checkbox"
                      aria-label={t`Scegli`}
                      tabIndex={-1}
                      checked={selection.keys.has(key)}
                      readOnly
                      onMouseDown={(event) => event.preventDefault()}
                      onClick={(event) => onBox(event, row, item.index)}
                      onDoubleClick={(event) => event.stopPropagation()}
                    />
                  )}
                </div>
              )}
              {columns.map((column) => (
                <div key={column.id} role="gridcell" className={`cell ${column.id}${column.end ? ' end' : ''}`}>
                  {column.cell(row)}
                </div>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Hands the depth of a row to its styles. */
function levelStyle(level: number | undefined): object {
  return level === undefined ? {} : { '--level': level }
}

const HEADER_HEIGHT = 34
const BOX_WIDTH = '28px'
