import type { Subjects } from './documents'

export type Named = { subjectId: string | null; reference: string | null; label: string }

/**
 * A line's name, for an item that is for the line or that carries the code of its opportunity and child ticket. So a
 * record has one name, before its child exists and after.
 */
export function nameOf(subjects: Subjects | null, { subjectId, reference, label }: Named): string {
  const code = reference?.split('.')[0]
  const line = subjects?.lines.find((one) => one.id === subjectId || codeOf(subjects.code, one) === code)
  return line?.name ?? label
}

function codeOf(parentCode: string, line: Subjects['lines'][number]): string {
  const serial = parentCode.split('-')[2]
  return `TCK-${line.service.code}-${serial}-${String(line.position).padStart(2, '0')}`
}
