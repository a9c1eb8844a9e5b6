import { stringifyDocument } from '@urql/core'
import { useCallback, useEffect, useRef, useState } from 'react'
import { RequestFailed, read } from '../../api/client'
import type { ResultOf } from '../../api/graphql'
import { socket } from '../../api/socket'
import { Paced } from '../../live/paced'
import { type Board, BoardNews, BoardQuery } from './documents'
import { NEWS, REQUESTS } from './figures'
import { type BoardSearch, filterOf, periodOf } from './search'

const LOOK_EVERY = 5_000
const STALE = 60_000
const SUBSCRIBE_AGAIN = 10_000

/**
 * The board that an address asks for, whole and of one instant: read when the hub says that something changed, that a
 * day began, or that the socket is back. `staleSince` is when it was last known to be current, once that is a minute ago.
 */
export function useBoard(search: BoardSearch) {
  const key = JSON.stringify([periodOf(search), filterOf(search)])
  const [shown, setShown] = useState<{ key: string; board: Board }>()
  const [error, setError] = useState<RequestFailed>()
  const [staleSince, setStaleSince] = useState<number>()
  const currentAt = useRef(Date.now())
  const isBehind = useRef(true)
  const reading = useRef<{ key: string; again: boolean } | null>(null)

  const readAgain = useCallback(async () => {
    isBehind.current = true
    // One at a time: what changed meanwhile is read once more after it.
    if (reading.current?.key === key) {
      reading.current.again = true
      return
    }
    const mine = { key, again: false }
    reading.current = mine
    do {
      mine.again = false
      try {
        const [period, filter] = JSON.parse(key)
        const board = await read(BoardQuery, { ...period, filter, ...REQUESTS })
        if (reading.current !== mine) return
        isBehind.current = mine.again
        currentAt.current = Date.now()
        setShown({ key, board })
        setError(undefined)
        setStaleSince(undefined)
      } catch (failure) {
        if (!(failure instanceof RequestFailed)) throw failure
        if (reading.current === mine) setError(failure)
      }
    } while (mine.again && reading.current === mine)
    if (reading.current === mine) reading.current = null
  }, [key])

  useEffect(() => {
    void readAgain()
    const paced = new Paced(() => void readAgain())
    const end = followNews((state) => {
      if (state === 'ALIVE' && !isBehind.current) currentAt.current = Date.now()
      else paced.ask()
    })
    return () => {
      paced.end()
      end()
    }
  }, [readAgain])

  useEffect(() => {
    const look = () => setStaleSince(Date.now() - currentAt.current > STALE ? currentAt.current : undefined)
    const timer = setInterval(look, LOOK_EVERY)
    return () => clearInterval(timer)
  }, [])

  return { board: shown?.board, isOf: shown?.key === key, error, staleSince, readAgain }
}

type State = ResultOf<typeof BoardNews>['kpiUpdates']['state']

/** Calls back with every item, until the returned function is called: the socket subscribes again after an interruption. */
function followNews(onNews: (state: State) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let end = subscribe()
  function subscribe() {
    return socket().subscribe<ResultOf<typeof BoardNews>>(
      { query: stringifyDocument(BoardNews), variables: NEWS },
      { next: ({ data }) => data && onNews(data.kpiUpdates.state), error: later, complete: later },
    )
  }
  // The hub ended it: a screen on the wall has nobody who would load it again.
  function later() {
    timer = setTimeout(() => {
      end = subscribe()
    }, SUBSCRIBE_AGAIN)
  }
  return () => {
    end()
    clearTimeout(timer)
  }
}
