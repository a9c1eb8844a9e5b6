import './charts.css'
import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'

const WIDTH = 74
const HEIGHT = 30
const EDGE = 3

/** The course of one number, as small as a word. It says nothing that its neighbours do not say in text. */
export function Sparkline({ values, tone }: { values: readonly (number | null)[]; tone: string }) {
  const known = values.flatMap((value, at): [number, number][] => (value === null ? [] : [[at, value]]))
  const last = known.at(-1)
  if (known.length < 2 || !last) return null
  const heights = known.map(([, value]) => value)
  const [least, most] = [Math.min(...heights), Math.max(...heights)]
  const x = scaleLinear([0, values.length - 1], [0, WIDTH - EDGE])
  const y = scaleLinear(least === most ? [least - 1, most + 1] : [least, most], [HEIGHT - EDGE, EDGE])
  const acrossOf = ([at]: [number, number]) => x(at)
  const heightOf = ([, value]: [number, number]) => y(value)
  const path = line(acrossOf, heightOf)(known)
  const ground = area(acrossOf, HEIGHT, heightOf)(known)
  return (
    <svg className={`sparkline mark-${tone}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      <path className="ground" d={ground ?? ''} />
      <path className="stroke" d={path ?? ''} />
      <circle cx={acrossOf(last)} cy={heightOf(last)} r="2.5" />
    </svg>
  )
}
