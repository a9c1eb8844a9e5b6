import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Paced } from './paced'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('what is asked for runs a moment later', () => {
  const run = vi.fn()
  new Paced(run).ask()

  expect(run).not.toHaveBeenCalled()
  vi.advanceTimersByTime(200)
  expect(run).toHaveBeenCalledTimes(1)
})

test('a storm of changes runs it once a second, and the last change is not forgotten', () => {
  const run = vi.fn()
  const paced = new Paced(run)
  for (let change = 0; change < 100; change++) {
    paced.ask()
    vi.advanceTimersByTime(50)
  }

  expect(run.mock.calls.length).toBeGreaterThanOrEqual(5)
  expect(run.mock.calls.length).toBeLessThanOrEqual(6)
  const before = run.mock.calls.length
  paced.ask()
  vi.advanceTimersByTime(1_000)
  expect(run).toHaveBeenCalledTimes(before + 1)
})

test('what has ended runs no more', () => {
  const run = vi.fn()
  const paced = new Paced(run)
  paced.ask()
  paced.end()
  vi.advanceTimersByTime(5_000)

  expect(run).not.toHaveBeenCalled()
})
