import { useSyncExternalStore } from 'react'
import { connection } from '../api/socket'

export function useConnection() {
  return useSyncExternalStore(connection.subscribe, connection.current)
}
