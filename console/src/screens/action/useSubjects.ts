import { useEffect, useState } from 'react'
import { read } from '../../api/client'
import { type Subjects, SubjectsQuery } from './documents'
import { type Named, nameOf } from './names'

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
