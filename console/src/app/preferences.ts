import { useSyncExternalStore } from 'react'

/** What a person chose in this browser. Each change is there at once, in every part of the page. */
function preference<Value extends string>(key: string, initial: () => Value) {
  const listeners = new Set<() => void>()
  let value: Value = (kept(key) as Value | null) ?? initial()
  return {
    get: () => value,
    set(next: Value) {
      value = next
      try {
        localStorage.setItem(key, next)
      } catch {
        // A browser that keeps nothing forgets the choice with the page.
      }
      for (const listener of listeners) listener()
    },
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export type Theme = 'light' | 'dark'
export type Language = 'it' | 'en'

// The first script of the page has already applied these two.
export const theme = preference<Theme>('hub.theme', () => (document.documentElement.dataset.theme as Theme) ?? 'light')
export const language = preference<Language>('hub.language', () =>
  document.documentElement.lang === 'en' ? 'en' : 'it',
)
/** Whether single letters are commands; some people's tools type them by themselves. */
export const singleKeys = preference<'on' | 'off'>('hub.keys', () => 'on')

theme.subscribe(() => {
  document.documentElement.dataset.theme = theme.get()
})

export function usePreference<Value extends string>(chosen: {
  get: () => Value
  subscribe: (listener: () => void) => () => void
}): Value {
  return useSyncExternalStore(chosen.subscribe, chosen.get)
}
