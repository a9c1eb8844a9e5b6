import { expect, test } from 'vitest'
import { layoutOf, type Point } from './scales'

const SIZE = { width: 400, height: 200 }
const points = (...values: (number | null)[]): Point[] =>
  values.map((value, at) => ({ key: String(at), label: String(at), values: [value] }))
const bar = { name: 'done', look: 'bar', tone: 'blue' } as const
const line = { name: 'share', look: 'line', tone: 'green' } as const

test('bars begin at zero, lines where their values are', () => {
  expect(layoutOf(points(8, 9, 10), [bar], {}, SIZE).y.domain()[0]).toBe(0)
  expect(layoutOf(points(8, 9, 10), [line], {}, SIZE).y.domain()[0]).toBeGreaterThan(6)
})

test('the target is in sight, wherever the values are', () => {
  const [least = 0, most = 0] = layoutOf(points(0.5, 0.6), [line], { target: 0.9 }, SIZE).y.domain()

  expect(least).toBeLessThanOrEqual(0.5)
  expect(most).toBeGreaterThanOrEqual(0.9)
})

test('every place across belongs to a point', () => {
  const { at } = layoutOf(points(1, 2, 3), [bar], {}, SIZE)

  expect([at(-5), at(41), at(391), at(1000)]).toEqual([0, 0, 2, 2])
})

test('nothing known is drawn on a scale all the same', () => {
  const { y, labelled } = layoutOf(points(null, null), [line], {}, SIZE)

  expect(y.domain().every(Number.isFinite)).toBe(true)
  expect(labelled).toHaveLength(2)
})

test('a share is drawn up to the whole, and no further', () => {
  expect(layoutOf(points(0.7, 1), [line], { most: 1 }, SIZE).y.domain()[1]).toBe(1)
})
