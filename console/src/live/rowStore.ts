/** A row as the hub sent it. Its `version` grows with each change of the row itself. */
export type StoredRow = { id: string; version: number }

type Held<R> = { row: R; seq: number }
type Overlay<R> = { fields: Partial<R> }

/**
 * The rows of one tree, each under the `seq` of the log at which it was read.
 *
 * Rows come from queries, from the live feed and from the answers of mutations, in any order and more than once; the
 * newest stays. What an operator wished for lies over a row until the hub has answered.
 */
export class RowStore<R extends StoredRow> {
  #held = new Map<string, Held<R>>()
  #dropped = new Map<string, number>()
  #overlays = new Map<string, Overlay<R>[]>()
  #shown = new Map<string, R>()
  #listeners = new Map<string, Set<() => void>>()
  #anyListeners = new Set<() => void>()
  #structure = 0
  #changes = 0
  #touches = 0
  #oneLog: boolean

  /** Rows of several trees have no `seq` in common: with `oneLog` false only their versions say which is newer. */
  constructor({ oneLog }: { oneLog: boolean } = { oneLog: true }) {
    this.#oneLog = oneLog
  }

  /** The highest `seq` under which anything was put. */
  seq = 0

  get(id: string): R | undefined {
    return this.#shown.get(id)
  }

  rows(): Iterable<R> {
    return this.#shown.values()
  }

  get size() {
    return this.#shown.size
  }

  /** Grows when a row comes or goes. */
  structure = () => this.#structure

  /** Grows with every change. */
  changes = () => this.#changes

  /** Grows when something changed that belongs to the rows but that they do not hold. */
  touches = () => this.#touches

  /** Wakes every listener of any change, because something changed beside the rows. */
  touch() {
    this.#touches += 1
    this.#changes += 1
    this.#tell()
  }

  /** Takes what was read as the whole: rows that it lacks are gone, unless they are newer than it. */
  fill(rows: Iterable<R>, seq: number) {
    const kept = new Set<string>()
    for (const row of rows) {
      kept.add(row.id)
      this.#put(row, seq)
    }
    for (const [id, held] of this.#held) {
      if (!kept.has(id) && held.seq <= seq) this.#drop(id, seq)
    }
    this.#tell()
  }

  /** Takes rows that were read at `seq` or later; what is held of a higher `seq` or version stays. */
  put(rows: Iterable<R>, seq: number) {
    for (const row of rows) this.#put(row, seq)
    this.#tell()
  }

  drop(id: string, seq: number) {
    this.#drop(id, seq)
    this.#tell()
  }

  /** Shows these fields over the row until the returned function takes them away. */
  overlay(id: string, fields: Partial<R>): () => void {
    const overlay = { fields }
    this.#overlays.set(id, [...(this.#overlays.get(id) ?? []), overlay])
    this.#show(id)
    this.#tell()
    return () => {
      const left = (this.#overlays.get(id) ?? []).filter((one) => one !== overlay)
      if (left.length) this.#overlays.set(id, left)
      else this.#overlays.delete(id)
      this.#show(id)
      this.#tell()
    }
  }

  /** Wakes the listener when this row changes. */
  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set()
    this.#listeners.set(id, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (!listeners.size && this.#listeners.get(id) === listeners) this.#listeners.delete(id)
    }
  }

  /** Wakes the listener once after each `fill`, `put`, `drop` or overlay. */
  subscribeAny = (listener: () => void): (() => void) => {
    this.#anyListeners.add(listener)
    return () => {
      this.#anyListeners.delete(listener)
    }
  }

  #put(row: R, seq: number) {
    this.seq = Math.max(this.seq, seq)
    const held = this.#held.get(row.id)
    if (held && ((this.#oneLog && held.seq > seq) || held.row.version > row.version)) return
    if (!held && (this.#dropped.get(row.id) ?? -1) >= seq) return
    this.#dropped.delete(row.id)
    this.#held.set(row.id, { row, seq })
    this.#show(row.id)
  }

  #drop(id: string, seq: number) {
    this.seq = Math.max(this.seq, seq)
    const held = this.#held.get(id)
    if (held && held.seq > seq) return
    this.#dropped.set(id, seq)
    if (held) {
      this.#held.delete(id)
      this.#show(id)
    }
  }

  #show(id: string) {
    const held = this.#held.get(id)
    const before = this.#shown.get(id)
    if (held) {
      const overlays = this.#overlays.get(id)
      const row = overlays ? Object.assign({}, held.row, ...overlays.map(({ fields }) => fields)) : held.row
      if (before && sameFields(before, row)) return
      this.#shown.set(id, row)
    } else this.#shown.delete(id)
    if (!held || !before) this.#structure += 1
    this.#changes += 1
    this.#listeners.get(id)?.forEach((listener) => {
      listener()
    })
  }

  #told = 0

  #tell() {
    if (this.#told === this.#changes) return
    this.#told = this.#changes
    for (const listener of this.#anyListeners) listener()
  }
}

function sameFields<R extends object>(one: R, other: R): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
