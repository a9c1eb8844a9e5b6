import { scaleBand, scaleLinear } from 'd3-scale'

/** One stretch of time, with a value for each series; null where nothing is known. */
export type Point = { key: string; label: string; values: readonly (number | null)[] }

export type Series = { name: string; look: 'bar' | 'line' | 'dashed'; tone: string }

const MARGIN = { top: 10, right: 8, bottom: 22, left: 40 }
const LABEL_WIDTH = 58

/** Where everything of a chart stands. Bars begin at zero; lines alone use the height that they need. */
export function layoutOf(
  points: readonly Point[],
  series: readonly Series[],
  bounds: { target?: number | undefined; most?: number | undefined },
  size: { width: number; height: number },
) {
  const values = points.flatMap((point) => point.values.filter((value) => value !== null))
  const shown = bounds.target === undefined ? values : [...values, bounds.target]
  const most = Math.max(...shown, 0)
  const hasBars = series.some(({ look }) => look === 'bar')
  const least = hasBars || !shown.length ? 0 : Math.min(...shown)
  const room = most === least ? Math.max(most * 0.1, 0.1) : (most - least) * 0.08
  const y = scaleLinear(
    [hasBars ? 0 : Math.max(0, least - room), Math.min(most + room, bounds.most ?? Number.POSITIVE_INFINITY)],
    [size.height - MARGIN.bottom, MARGIN.top],
  )
  if (bounds.most === undefined) y.nice(4)
  const x = scaleBand(
    points.map(({ key }) => key),
    [MARGIN.left, size.width - MARGIN.right],
  ).padding(0.28)
  const every = Math.max(1, Math.ceil(points.length / Math.max(1, (size.width - MARGIN.left) / LABEL_WIDTH)))
  return {
    y,
    ticks: y.ticks(4),
    band: x.bandwidth(),
    leftOf: (point: Point) => x(point.key) ?? 0,
    middleOf: (point: Point) => (x(point.key) ?? 0) + x.bandwidth() / 2,
    labelled: points.filter((_, at) => (points.length - 1 - at) % every === 0),
    floor: size.height - MARGIN.bottom,
    left: MARGIN.left,
    right: size.width - MARGIN.right,
    /** The point over which a pointer stands. */
    at: (across: number) => {
      const step = (size.width - MARGIN.left - MARGIN.right) / Math.max(1, points.length)
      return Math.max(0, Math.min(points.length - 1, Math.floor((across - MARGIN.left) / step)))
    },
  }
}
