import './charts.css'
import { useLingui } from '@lingui/react/macro'
import { line } from 'd3-shape'
import { ChartColumn, Table2 } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import { layoutOf, type Point, type Series } from './scales'
import { useSize } from './useSize'

export type TimeChartProps = {
  title: string
  points: readonly Point[]
  series: readonly Series[]
  format: (value: number) => string
  /** As short as an axis needs it. */
  formatTick: (value: number) => string
  /** The greatest value that there can be, such as the whole of a share. */
  most?: number | undefined
  target?: { value: number; name: string } | null
  /** Opens what is behind a value. */
  onOpen: (at: number, series: number) => void
  /** A value of the table, as a link to what is behind it. */
  linkOf: (at: number, series: number, text: string) => ReactNode
}

/** Values over time: by mouse, by arrow keys, read aloud, or as a table. */
export function TimeChart(props: TimeChartProps) {
  const { title, series, target } = props
  const { t } = useLingui()
  const [asTable, setAsTable] = useState(false)
  return (
    <section className="tile chart" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <ul className="legend">
          {series.map(({ name, look, tone }) => (
            <li key={name} className={`mark-${tone} as-${look}`}>
              <i aria-hidden /> {name}
            </li>
          ))}
          {target && (
            <li className="mark-amber as-dashed">
              <i aria-hidden /> {target.name}
            </li>
          )}
        </ul>
        <button
          type="button"
          className="icon-button"
          aria-pressed={asTable}
          aria-label={t`Tabella`}
          title={asTable ? t`Grafico` : t`Tabella`}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? <ChartColumn size={15} aria-hidden /> : <Table2 size={15} aria-hidden />}
        </button>
      </header>
      {asTable ? <ChartTable {...props} /> : <Drawing {...props} />}
    </section>
  )
}

function Drawing({ title, points, series, format, formatTick, most, target, onOpen }: TimeChartProps) {
  const { t } = useLingui()
  const room = useRef<HTMLDivElement>(null)
  const size = useSize(room)
  const [active, setActive] = useState<number>()
  const hint = useId()
  const layout = layoutOf(points, series, { target: target?.value, most }, size)
  const last = points.length - 1
  const at = active === undefined ? last : Math.min(active, last)
  const words = (one: Point | undefined) =>
    one
      ? `${one.label}: ${series.map(({ name }, of) => `${name} ${valueText(one.values[of], format)}`).join(', ')}`
      : t`Nessun dato`
  const point = active === undefined ? undefined : points[at]

  function onKeyDown(event: KeyboardEvent) {
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key]
    if (event.key === 'Enter' && last >= 0) onOpen(at, 0)
    else if (event.key === 'Escape' && active !== undefined) setActive(undefined)
    else if (next !== undefined) setActive(Math.max(0, Math.min(last, next)))
    else return
    event.preventDefault()
  }

  return (
    <div
      ref={room}
      className="drawing"
      role="slider"
      tabIndex={0}
      aria-label={title}
      aria-describedby={hint}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, last)}
      aria-valuenow={Math.max(0, at)}
      aria-valuetext={words(points[at])}
      onKeyDown={onKeyDown}
      onPointerMove={(event) => setActive(layout.at(acrossOf(event.currentTarget, event.clientX)))}
      onPointerLeave={() => setActive(undefined)}
      onBlur={() => setActive(undefined)}
      onClick={(event) => last >= 0 && onOpen(layout.at(acrossOf(event.currentTarget, event.clientX)), 0)}
    >
      <span id={hint} className="unseen">{t`Le frecce scorrono i valori, Invio apre le righe.`}</span>
      {size.width > 0 && (
        <svg width={size.width} height={size.height} aria-hidden>
          {layout.ticks.map((tick) => (
            <g key={tick} className="tick">
              <line x1={layout.left} x2={layout.right} y1={layout.y(tick)} y2={layout.y(tick)} />
              <text x={layout.left - 7} y={layout.y(tick)} dy="0.32em" textAnchor="end">
                {formatTick(tick)}
              </text>
            </g>
          ))}
          {layout.labelled.map((one) => (
            <text key={one.key} className="tick" x={layout.middleOf(one)} y={layout.floor + 16} textAnchor="middle">
              {one.label}
            </text>
          ))}
          {series.map((one, of) => (
            <Marks key={one.name} points={points} series={one} of={of} layout={layout} />
          ))}
          {target && (
            <line
              className="target"
              x1={layout.left}
              x2={layout.right}
              y1={layout.y(target.value)}
              y2={layout.y(target.value)}
            />
          )}
          {point && (
            <line className="cursor" x1={layout.middleOf(point)} x2={layout.middleOf(point)} y1={0} y2={layout.floor} />
          )}
        </svg>
      )}
      {point && (
        <output className="tip" style={{ left: `${(layout.middleOf(point) / size.width) * 100}%` }} aria-hidden>
          {words(point)}
        </output>
      )}
    </div>
  )
}

/** Where a pointer stands across an element, in the element's own pixels: a wall shows them larger. */
function acrossOf(element: HTMLElement, clientX: number): number {
  const { left, width } = element.getBoundingClientRect()
  return ((clientX - left) / width) * element.offsetWidth
}

function Marks({
  points,
  series,
  of,
  layout,
}: {
  points: readonly Point[]
  series: Series
  of: number
  layout: ReturnType<typeof layoutOf>
}) {
  if (series.look === 'bar') {
    return points.map((point) => {
      const value = point.values[of]
      if (!value) return null
      return (
        <rect
          key={point.key}
          className={`mark-${series.tone}`}
          x={layout.leftOf(point)}
          width={layout.band}
          y={layout.y(value)}
          height={Math.max(0, layout.floor - layout.y(value))}
          rx="2"
        />
      )
    })
  }
  // A day without a value leaves no gap: the line goes on to the next one that has one.
  const known = points.filter((point) => typeof point.values[of] === 'number')
  const placed = known.map((point): [number, number] => [layout.middleOf(point), layout.y(point.values[of] ?? 0)])
  return (
    <g className={`mark-${series.tone}`}>
      <path className={`stroke ${series.look}`} d={line()(placed) ?? ''} />
      {series.look === 'line' && placed.map(([x, y]) => <circle key={x} cx={x} cy={y} r="2.5" />)}
    </g>
  )
}

function ChartTable({ title, points, series, format, linkOf }: TimeChartProps) {
  const { t } = useLingui()
  return (
    <div className="chart-table" role="group" aria-label={title} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t`Quando`}</th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map((point, at) => (
            <tr key={point.key}>
              <th scope="row">{point.label}</th>
              {series.map(({ name }, of) => (
                <td key={name}>{linkOf(at, of, valueText(point.values[of], format))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value)
}
