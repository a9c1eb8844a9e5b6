import { type RefObject, useEffect, useRef } from 'react'

/** Gives the focus to the element of the returned ref when what took its place is gone. */
export function useFocusBack<E extends HTMLElement>(open: boolean): RefObject<E | null> {
  const place = useRef<E>(null)
  const was = useRef(open)
  useEffect(() => {
    if (was.current && !open) place.current?.focus()
    was.current = open
  }, [open])
  return place
}
