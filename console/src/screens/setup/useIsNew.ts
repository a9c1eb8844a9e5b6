import { useCallback, useEffect, useState } from 'react'
import { RequestFailed, read } from '../../api/client'
import { useChanges } from '../../app/work'
import { AnyTicketQuery } from './documents'

// An installation with a ticket never becomes new again: one question for as long as the page is open.
let hasBegun = false

/** Whether the hub has neither a ticket nor a sale that waits for a decision; false until that is known. */
export function useIsNew(): boolean {
  const [isNew, setNew] = useState(false)

  const ask = useCallback(async () => {
    if (hasBegun) return
    try {
      const { tickets, work } = await read(AnyTicketQuery, {})
      hasBegun = tickets.nodes.length > 0
      setNew(!hasBegun && work.intake === 0)
    } catch (error) {
      // The lists say that the hub does not answer.
      if (!(error instanceof RequestFailed)) throw error
    }
  }, [])

  useEffect(() => void ask(), [ask])
  useChanges('TICKETS', ask)
  useChanges('INTAKE', ask)
  return isNew
}
