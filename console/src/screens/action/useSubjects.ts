import { useEffect, useState } from 'react'
import { read } from '../../api/client'
import { type Subjects, SubjectsQuery } from './documents'

type Named = { subjectId: string | null; reference: string | null; label: string }

/** What a ticket's lines and children are called, where the CRM's titles repeat the company in every row. */
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

  function nameOf({ subjectId, reference, label }: Named): string {
    const line = subjects?.lines.find((one) => one.id === subjectId)
    const child = subjects?.children.find((one) => one.code === reference)
    return line?.name ?? child?.service?.name ?? label
  }

  return { subjects, nameOf }
}
