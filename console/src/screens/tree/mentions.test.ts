import { expect, test } from 'vitest'
import { begunMention, partsOf, withIds, withNames } from './mentions'

const GIULIA = { id: 'opr_1', name: 'Giulia Moretti' }
const GIULIA_ROSA = { id: 'opr_2', name: 'Giulia Moretti Rosa' }
const PEOPLE = [GIULIA, GIULIA_ROSA, { id: 'opr_3', name: 'Luca Ferrero' }]

test('a mention is written by name and kept by id', () => {
  const text = '@Giulia Moretti, senti @Luca Ferrero'

  expect(withIds(text, PEOPLE)).toBe('@[opr_1], senti @[opr_3]')
  expect(withNames(withIds(text, PEOPLE), PEOPLE)).toBe(text)
})

test('the longer of two names that begin alike is meant where it is written', () => {
  expect(withIds('@Giulia Moretti Rosa e @Giulia Moretti', PEOPLE)).toBe('@[opr_2] e @[opr_1]')
})

test('a name that goes on is nobody', () => {
  expect(withIds('@Luca Ferreron', PEOPLE)).toBe('@Luca Ferreron')
})

test('who is unknown stays as written', () => {
  expect(withNames('@[opr_9] e @[opr_3]', PEOPLE)).toBe('@[opr_9] e @Luca Ferrero')
})

test('a comment is shown in parts', () => {
  expect(partsOf('Senti @[opr_3] domani', PEOPLE)).toEqual([
    { text: 'Senti ', isMention: false },
    { text: '@Luca Ferrero', isMention: true },
    { text: ' domani', isMention: false },
  ])
})

test.each([
  ['Senti @', 7, ['opr_1', 'opr_2', 'opr_3'], 6],
  ['Senti @giu', 10, ['opr_1', 'opr_2'], 6],
  ['@ferr', 5, ['opr_3'], 0],
  ['@giulia m', 9, ['opr_1', 'opr_2'], 0],
])('%s offers who may be meant', (text, caret, ids, from) => {
  const begun = begunMention(text, caret, PEOPLE)

  expect(begun?.people.map(({ id }) => id)).toEqual(ids)
  expect(begun?.from).toBe(from)
})

test.each([
  ['nessuno qui', 11],
  ['a@giulia', 8],
  ['@Luca Ferrero', 13],
])('%s offers nobody', (text, caret) => {
  expect(begunMention(text, caret, PEOPLE)).toBeNull()
})
