import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ConnectionStore } from './connection'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a socket that comes back within three seconds alarms nobody', () => {
  const store = new ConnectionStore()
  store.opened()

  store.closed()
  vi.advanceTimersByTime(2_900)
  store.opened()
  vi.advanceTimersByTime(10_000)

  expect(store.current().state).toBe('live')
})

test('a socket that stays away is lost, as of the last answer', () => {
  vi.setSystemTime(1_000)
  const store = new ConnectionStore()
  store.opened()
  vi.setSystemTime(5_000)
  store.heard()

  store.closed()
  vi.advanceTimersByTime(3_000)

  expect(store.current()).toMatchObject({ state: 'lost', dataAt: 5_000 })
})

test('a hub that never answers is lost as well', () => {
  const store = new ConnectionStore()

  vi.advanceTimersByTime(3_000)

  expect(store.current().state).toBe('lost')
})

test('each return of the socket begins another epoch, the first opening does not', () => {
  const store = new ConnectionStore()

  store.opened()
  expect(store.current().epoch).toBe(0)

  store.closed()
  store.opened()
  expect(store.current().epoch).toBe(1)
})
