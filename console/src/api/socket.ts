import { type Client, createClient } from 'graphql-ws'
import { ConnectionStore } from '../live/connection'
import { goToSignIn } from './session'

const UNAUTHORIZED = 4401
const LONGEST_PAUSE = 10_000
const PING_EVERY = 10_000
const PATIENCE = 5_000

export const connection = new ConnectionStore()

const url = new URL('/graphql', window.location.href)
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'

let open: WebSocket | undefined

let shared: Client | undefined

/** One socket for as long as the page is open: it also tells whether the hub is there. */
export function socket(): Client {
  shared ??= createSocket()
  return shared
}

function createSocket(): Client {
  return createClient({
    url: url.href,
    lazy: false,
    onNonLazyError: ended,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) => pause(Math.min(500 * 2 ** retries, LONGEST_PAUSE) * (0.5 + Math.random() / 2)),
    keepAlive: PING_EVERY,
    connectionAckWaitTimeout: PING_EVERY,
    on: {
      opened: (socket) => {
        open = socket as WebSocket
      },
      connected: () => connection.opened(),
      message: () => connection.heard(),
      closed: () => connection.closed(),
      ping: (received) => {
        if (received) return
        // A machine that slept holds a socket whose other end is long gone: it answers no ping, and does not close.
        const asked = open
        const end = () => asked === open && shared?.terminate()
        const slept = Date.now() - connection.current().dataAt > PING_EVERY + PATIENCE
        const timer = setTimeout(end, slept ? 0 : PATIENCE)
        asked?.addEventListener('message', () => clearTimeout(timer), { once: true })
      },
    },
  })
}

function ended(error: unknown) {
  if (isClose(error) && error.code === UNAUTHORIZED) goToSignIn()
}

function isClose(error: unknown): error is { code: number } {
  return typeof error === 'object' && error !== null && 'code' in error
}

/** Waits, but not after the machine says that it is on a network again. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    const now = () => {
      clearTimeout(timer)
      resolve()
    }
    window.addEventListener('online', now, { once: true })
  })
}
