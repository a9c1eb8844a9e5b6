import { expect, test } from 'vitest'
import { readShown, writePress } from './address'
import { differing } from './differing'
import type { PreviewItem, Subjects } from './documents'
import { nameOf } from './names'

test('an address names an action, or the preview of a button', () => {
  expect(readShown('axn_1')).toEqual({ is: 'action', id: 'axn_1' })
  expect(readShown('generate')).toEqual({ is: 'preview', button: 'generate', targetId: null })
  expect(readShown(writePress({ button: 'activities', targetId: 'opp_1' }))).toEqual({
    is: 'preview',
    button: 'activities',
    targetId: 'opp_1',
  })
})

test('what an address says wrongly shows nothing', () => {
  for (const text of [undefined, '', 'activities', 'activities.tck_1', 'opp_1', 'generate '])
    expect(readShown(text)).toBeNull()
})

const item = (reference: string, more: Partial<PreviewItem> = {}): PreviewItem => ({
  subjectId: null,
  reference,
  label: reference,
  outcome: 'CREATE',
  explanation: null,
  crmId: null,
  crmUrl: null,
  ...more,
})

test('two previews differ in what came, went or changed, each named once', () => {
  const before = [item('A'), item('B'), item('C')]
  const now = [item('A'), item('B', { outcome: 'ADOPT', crmId: '7' }), item('D')]

  expect(differing(before, now).map(({ reference }) => reference)).toEqual(['B', 'D', 'C'])
  expect(differing(before, before)).toEqual([])
})

test('a record has the name of its line, whatever the CRM calls it', () => {
  const line = { id: 'tln_1', position: 1, name: 'Formazione', service: { id: 'svc_1', code: 'F40' } }
  const subjects = { code: 'TCK-SOD-5155-00', lines: [line] } as unknown as Subjects
  const named = (subjectId: string | null, reference: string | null) =>
    nameOf(subjects, { subjectId, reference, label: 'CRM' })

  expect(named('tln_1', null)).toBe('Formazione')
  expect(named(null, 'TCK-F40-5155-01')).toBe('Formazione')
  expect(named(null, 'TCK-F40-5155-01.2')).toBe('Formazione')
  for (const other of ['TCK-F40-5155-02', 'TCK-F40-4711-01', 'TCK-I24-5155-01', null])
    expect(named(null, other)).toBe('CRM')
})
