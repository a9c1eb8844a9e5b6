// Runs before the first paint: a page never flashes in the other theme.
;(() => {
  const root = document.documentElement
  const kept = (name) => {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = kept('hub.theme') ?? (dark ? 'dark' : 'light')
  root.lang =
    kept('hub.language') ?? (navigator.language.startsWith('it') || !navigator.language.startsWith('en') ? 'it' : 'en')
})()
