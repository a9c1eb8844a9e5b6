import type { Person } from './rows'

const MENTION = /@\[(opr_[0-9a-z]{1,60})\]/g
const BEGUN = /(?:^|\s)@([^\s@]*(?: [^\s@]*)?)$/

/** The text of a comment with names in the place of ids. Who is unknown stays as it is written. */
export function withNames(body: string, people: readonly Person[]): string {
  return body.replace(MENTION, (written, id: string) => {
    const person = people.find((one) => one.id === id)
    return person ? `@${person.name}` : written
  })
}

/** The text as the hub takes it: each `@name` of a known person becomes a mention. Longer names go first. */
export function withIds(text: string, people: readonly Person[]): string {
  const longestFirst = [...people].sort((one, other) => other.name.length - one.name.length)
  return longestFirst.reduce((body, { id, name }) => {
    const parts = body.split(`@${name}`)
    return parts.reduce((whole, part) => {
      const goesOn = /^[\p{L}\d]/u.test(part)
      return `${whole}${goesOn ? `@${name}` : `@[${id}]`}${part}`
    })
  }, text)
}

export type Part = { text: string; isMention: boolean }

/** A comment's text in parts, so that mentions stand out. */
export function partsOf(body: string, people: readonly Person[]): Part[] {
  return body.split(/(@\[opr_[0-9a-z]{1,60}\])/).flatMap((text) => {
    if (!text) return []
    const shown = withNames(text, people)
    return [{ text: shown, isMention: shown !== text }]
  })
}

/** Whose name is being written before the caret, and from where. */
export function begunMention(
  text: string,
  caret: number,
  people: readonly Person[],
): { from: number; people: readonly Person[] } | null {
  const begun = BEGUN.exec(text.slice(0, caret))?.[1]
  if (begun === undefined) return null
  const found = people.filter(({ name }) => matches(name, begun))
  return found.length ? { from: caret - begun.length - 1, people: found.slice(0, 5) } : null
}

function matches(name: string, begun: string): boolean {
  const [whole, start] = [name.toLowerCase(), begun.toLowerCase()]
  if (whole === start) return false
  return whole.startsWith(start) || whole.split(' ').some((word) => word.startsWith(start))
}
