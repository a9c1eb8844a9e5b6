import type { RowStore, StoredRow } from './rowStore'

/** One item of the live feed. Its rows are whole, and at least as new as `seq`. */
export type FeedItem<Row> = {
  state: 'SNAPSHOT' | 'CHANGE' | 'ALIVE' | 'LAGGED' | 'EXPIRED'
  seq: number
  cursor: string
  today: string
  more: boolean
  rows: readonly Row[]
  removedIds: readonly string[]
  /** Whether something changed that the page shows but the rows do not hold. */
  beside: boolean
  /** Whether something changed that belongs to a row and is read with it when somebody looks. */
  touched: boolean
}

/** A whole tree, and the place in its log that it was read at. */
export type ReadTree<Row> = { rows: readonly Row[]; seq: number; cursor: string }

/** Where the rows come from. `listen` calls `onItem` until the returned function is called, or `onEnd` is. */
export type TreePorts<Row extends StoredRow> = {
  readTree: () => Promise<ReadTree<Row>>
  listen: (after: () => string | undefined, onItem: (item: FeedItem<Row>) => void, onEnd: () => void) => () => void
}

const PAUSE = 1_000

/**
 * Keeps the store of one tree as new as the log: it begins at the place of a tree query, and puts the rows of every item
 * under the item's `seq`.
 */
export class TreeFeed<Row extends StoredRow> {
  #store: RowStore<Row>
  #ports: TreePorts<Row>
  #cursor: string | undefined
  #today: string | undefined
  #stop: (() => void) | undefined
  #ended = false

  constructor(store: RowStore<Row>, ports: TreePorts<Row>) {
    this.#store = store
    this.#ports = ports
  }

  /** Takes a tree for the present one, and follows it from there. */
  begin(tree: ReadTree<Row>) {
    this.#store.fill(tree.rows, tree.seq)
    this.#cursor = tree.cursor
    this.#follow()
  }

  end() {
    this.#ended = true
    this.#stop?.()
  }

  /** Reads the whole tree again. Nothing happens while the connection is away: what is missed then comes by the feed. */
  async readAgain(): Promise<void> {
    const tree = await this.#ports.readTree().catch(() => undefined)
    if (tree && !this.#ended) this.#store.fill(tree.rows, tree.seq)
  }

  #follow() {
    this.#stop?.()
    if (this.#ended) return
    let current = true
    const stop = this.#ports.listen(
      () => this.#cursor,
      (item) => current && this.#take(item),
      () => {
        if (current) setTimeout(() => current && this.#follow(), PAUSE)
      },
    )
    this.#stop = () => {
      current = false
      stop()
    }
  }

  #take(item: FeedItem<Row>) {
    if (item.state === 'EXPIRED') void this.#beginAgain()
    else if (item.state === 'LAGGED') this.#follow()
    else this.#put(item)
  }

  #put({ rows, removedIds, seq, cursor, more, today, beside, touched }: FeedItem<Row>) {
    this.#store.put(rows, seq)
    if (touched) this.#store.touch()
    for (const id of removedIds) this.#store.drop(id, seq)
    if (!more) this.#cursor = cursor
    // The lights of the rows are those of the day on which they were read.
    const isAnotherDay = this.#today !== undefined && this.#today !== today
    this.#today = today
    if (beside || isAnotherDay) void this.readAgain()
  }

  async #beginAgain() {
    this.#stop?.()
    const tree = await this.#ports.readTree().catch(() => undefined)
    if (this.#ended) return
    if (tree) this.begin(tree)
    else setTimeout(() => this.#beginAgain(), PAUSE)
  }
}
