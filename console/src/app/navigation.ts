import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { ChartNoAxesColumn, Inbox, type LucideIcon, Network } from 'lucide-react'
import type { Work } from './work'

/** A screen of the console, and how much waits there. Only screens that exist are listed. */
export type Place = {
  path: '/da-fare' | '/ticket' | '/indicatori'
  key: string
  word: MessageDescriptor
  icon: LucideIcon
  count?: (work: Work) => number
}

export const PLACES: readonly Place[] = [
  {
    path: '/da-fare',
    key: 'g f',
    word: msg`Da fare`,
    icon: Inbox,
    count: (work) => work.mine,
  },
  { path: '/ticket', key: 'g t', word: msg`Ticket`, icon: Network },
  { path: '/indicatori', key: 'g i', word: msg`Indicatori`, icon: ChartNoAxesColumn },
]
