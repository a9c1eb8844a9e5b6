import { useSyncExternalStore } from 'react'

const narrow = window.matchMedia('(max-width: 720px)')

/** Whether the page is as narrow as a phone: lists then have two lines a row. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener)
      return () => narrow.removeEventListener('change', listener)
    },
    () => narrow.matches,
  )
}
