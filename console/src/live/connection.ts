/** `waiting` is a socket that went a moment ago: nobody is told before it has stayed away. */
export type ConnectionState = 'connecting' | 'live' | 'waiting' | 'lost'

export type Connection = { state: ConnectionState; dataAt: number; epoch: number }

const PATIENCE = 3_000

/** Whether what the page shows still follows the hub. `epoch` grows with each return of the socket. */
export class ConnectionStore {
  #now: () => number
  #current: Connection
  #listeners = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#current = { state: 'connecting', dataAt: now(), epoch: 0 }
    this.#wait()
  }

  current = () => this.#current

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  opened() {
    clearTimeout(this.#timer)
    const returned = this.#current.state !== 'connecting'
    this.#set({ state: 'live', dataAt: this.#now(), epoch: this.#current.epoch + (returned ? 1 : 0) })
  }

  /** The hub answered: what is shown is as of now. */
  heard() {
    this.#current.dataAt = this.#now()
  }

  closed() {
    if (this.#current.state !== 'live') return
    this.#set({ ...this.#current, state: 'waiting' })
    this.#wait()
  }

  #wait() {
    this.#timer = setTimeout(() => this.#set({ ...this.#current, state: 'lost' }), PATIENCE)
  }

  #set(next: Connection) {
    this.#current = next
    for (const listener of this.#listeners) listener()
  }
}
