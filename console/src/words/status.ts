import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { CircleCheck, CircleDashed, CircleOff, CircleSlash2, Contrast, type LucideIcon } from 'lucide-react'

export type Tone = 'grey' | 'blue' | 'green' | 'amber' | 'orange' | 'red' | 'violet'

/** What an operator sees of a value: a word, an icon and a colour, never the colour alone. */
export type Shown = { word: MessageDescriptor; icon: LucideIcon; tone: Tone }

export type TicketStatus = 'OPEN' | 'IN_PROGRESS' | 'CLOSED' | 'CANCELLED'
export type MilestoneStatus = 'PLANNED' | 'IN_PROGRESS' | 'COMPLETED' | 'CANCELLED'
export type TaskStatus = 'TODO' | 'IN_PROGRESS' | 'DONE' | 'SKIPPED'
export type Light = 'GREEN' | 'YELLOW' | 'ORANGE' | 'RED'
export type Role = 'VIEWER' | 'OPERATOR' | 'ADMIN'

export const TICKET_STATUS: Record<TicketStatus, Shown> = {
  OPEN: { word: msg({ message: 'Aperto', context: 'ticket' }), icon: CircleDashed, tone: 'grey' },
  IN_PROGRESS: { word: msg`In corso`, icon: Contrast, tone: 'blue' },
  CLOSED: { word: msg({ message: 'Chiuso', context: 'ticket' }), icon: CircleCheck, tone: 'green' },
  CANCELLED: { word: msg({ message: 'Annullato', context: 'ticket' }), icon: CircleOff, tone: 'grey' },
}

export const MILESTONE_STATUS: Record<MilestoneStatus, Shown> = {
  PLANNED: { word: msg({ message: 'Pianificata', context: 'milestone' }), icon: CircleDashed, tone: 'grey' },
  IN_PROGRESS: { word: msg`In corso`, icon: Contrast, tone: 'blue' },
  COMPLETED: { word: msg({ message: 'Completata', context: 'milestone' }), icon: CircleCheck, tone: 'green' },
  CANCELLED: { word: msg({ message: 'Cancellata', context: 'milestone' }), icon: CircleOff, tone: 'grey' },
}

export const TASK_STATUS: Record<TaskStatus, Shown> = {
  TODO: { word: msg({ message: 'Da fare', context: 'task' }), icon: CircleDashed, tone: 'grey' },
  IN_PROGRESS: { word: msg`In corso`, icon: Contrast, tone: 'blue' },
  DONE: { word: msg({ message: 'Completato', context: 'task' }), icon: CircleCheck, tone: 'green' },
  SKIPPED: { word: msg({ message: 'Saltato', context: 'task' }), icon: CircleSlash2, tone: 'grey' },
}

export const LIGHT: Record<Light, MessageDescriptor> = {
  GREEN: msg`in tempo`,
  YELLOW: msg`in scadenza`,
  ORANGE: msg`in ritardo`,
  RED: msg`in forte ritardo`,
}

export const ROLE: Record<Role, MessageDescriptor> = {
  VIEWER: msg`Sola lettura`,
  OPERATOR: msg`Operatore`,
  ADMIN: msg`Amministratore`,
}

export const PRIORITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const
export type Priority = (typeof PRIORITIES)[number]

export const PRIORITY: Record<Priority, MessageDescriptor> = {
  CRITICAL: msg`critica`,
  HIGH: msg`alta`,
  MEDIUM: msg`media`,
  LOW: msg`bassa`,
}
