import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  daysBetween,
  daysOf,
  initials,
  isCounted,
  lengthText,
  money,
  percent,
  shortDay,
  shortName,
  today,
} from './figures'

beforeEach(() => {
  vi.useFakeTimers()
  vi.setSystemTime(new Date('2026-12-03T10:00:00'))
})
afterEach(() => void vi.useRealTimers())

test('a day of this year is said without its year', () => {
  expect(shortDay('2026-12-02', 'it')).toBe('2 dic')
  expect(shortDay('2027-01-08', 'it')).toBe('8 gen 2027')
})

test('a period is said by its first and its last day, also over a change of the clock', () => {
  expect(daysOf({ from: '2026-11-01', to: '2026-12-01' }, 'it')).toBe('1 nov – 30 nov')
  expect(daysOf({ from: '2026-10-20', to: '2026-10-26' }, 'it')).toBe('20 ott – 25 ott')
})

test('days are counted by the calendar, also over a change of the clock', () => {
  expect(today()).toBe('2026-12-03')
  expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2)
  expect(daysBetween('2026-12-02', today())).toBe(1)
})

test('amounts of every length are grouped alike', () => {
  expect(money(9800, 'EUR', 'it')).toBe('9.800\u00a0€')
  expect(money(26600.5, 'EUR', 'it')).toBe('26.600,50\u00a0€')
})

test('a list that the API did not count to its end is said to be longer', () => {
  expect(lengthText(10_000, 'it')).toBe('10000')
  expect(lengthText(10_001, 'it')).toBe('10.000+')
  expect(lengthText(10_001, 'en')).toBe('10,000+')
  expect([isCounted(10_000), isCounted(10_001)]).toEqual([true, false])
})

test('a share is never said to be whole before it is', () => {
  expect(percent(0.996, 'it')).toBe('99\u00a0%')
  expect(percent(1, 'it')).toBe('100\u00a0%')
})

test('a percentage is written as its language writes it, and loses nothing to binary fractions', () => {
  expect(percent(0.46, 'it')).toBe('46\u00a0%')
  expect(percent(0.46, 'en')).toBe('46%')
  for (let whole = 0; whole <= 100; whole += 1) expect(percent(whole / 100, 'en')).toBe(`${whole}%`)
})

test('people are known by their first name and by their initials', () => {
  expect(shortName('Sara De Nicolò')).toBe('Sara N.')
  expect(initials('Sara De Nicolò')).toBe('SN')
  expect(initials('Bot')).toBe('B')
})
