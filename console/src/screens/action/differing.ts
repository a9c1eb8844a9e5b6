import type { PreviewItem } from './documents'

/** What the one preview shows and the other does not show alike. */
export function differing(before: readonly PreviewItem[], now: readonly PreviewItem[]): PreviewItem[] {
  const written = (item: PreviewItem) => JSON.stringify(item)
  const [old, fresh] = [new Set(before.map(written)), new Set(now.map(written))]
  const names = new Set<string>()
  return [
    ...now.filter((item) => !old.has(written(item))),
    ...before.filter((item) => !fresh.has(written(item))),
  ].filter(({ label, reference }) => {
    const name = reference ?? label
    return !names.has(name) && names.add(name)
  })
}
