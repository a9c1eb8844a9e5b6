import { useEffect } from 'react'

/** Loads a part of the page before anybody asks for it, and after everything that is on the screen. */
export function usePreload(load: () => Promise<unknown>, wanted: boolean) {
  useEffect(() => {
    if (!wanted) return
    // Where the hub is away, it is loaded when it is asked for.
    const timer = setTimeout(() => load().catch(() => undefined), 1_000)
    return () => clearTimeout(timer)
  }, [load, wanted])
}
