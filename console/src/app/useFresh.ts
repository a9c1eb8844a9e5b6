import { useEffect, useRef, useState } from 'react'
import { Paced } from '../live/paced'
import { useConnection } from './connection'

/**
 * What `look` answers, read again whenever `changes` moves and when the socket is back, at most once a second. What was
 * read stays until the next answer; of another key nothing stays. Null: not known yet.
 */
export function useFresh<Data>(key: string | null, look: () => Promise<Data>, changes: unknown): Data | null {
  const [held, setHeld] = useState<{ key: string; data: Data } | null>(null)
  const { epoch } = useConnection()
  const latest = useRef(look)
  latest.current = look
  const paced = useRef<Paced | null>(null)

  useEffect(() => {
    if (key === null) return
    let newest = 0
    let asked = 0
    const mine = new Paced(() => {
      const mark = ++asked
      latest.current().then(
        (data) => {
          if (paced.current !== mine || mark < newest) return
          newest = mark
          setHeld({ key, data })
        },
        // What is on the screen stays; the frame says that it is not live.
        () => undefined,
      )
    })
    paced.current = mine
    return () => {
      mine.end()
      paced.current = null
    }
  }, [key])

  // biome-ignore lint/correctness/useExhaustiveDependencies: these say when to look.
  useEffect(() => paced.current?.ask(), [key, changes, epoch])

  return held && held.key === key ? held.data : null
}
