import { useEffect, useState } from 'react'
import { read } from '../../api/client'
import { type Subjects, SubjectsQuery } from './documents'

type Named = { subjectId: string | null; reference: string | null; label: string }

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

/** What a ticket's lines are called, where the CRM's titles repeat the company in every row. */
export function useSubjects(code: string | null): {
  subjects: Subjects | null
  nameOf: (item: Named) => string
} {
  const [subjects, setSubjects] = useState<Subjects | null>(null)

  useEffect(() => {
    if (!code) return
    let wanted = true
    read(SubjectsQuery, { code }).then(
      ({ ticket }) => wanted && setSubjects(ticket),
      // The CRM's titles stay.
      () => undefined,
    )
    return () => {
      wanted = false
    }
  }, [code])

  return { subjects, nameOf: (item) => nameOf(subjects, item) }
}
