import type { MessageDescriptor } from '@lingui/core'
import { CalendarPlus, Cog, type LucideIcon, RefreshCw, Sparkles } from 'lucide-react'
import { read, write } from '../../api/client'
import { OTHER_ACTIONS } from '../../words/outcomes'
import type { ButtonName, Press } from './address'
import {
  type Preview,
  PreviewActivities,
  PreviewGenerate,
  PreviewSync,
  type Problem,
  type ReadAction,
  RunActivities,
  RunGenerate,
  RunSync,
} from './documents'

/** What an operator chose in the preview of 🟡: the lines, and why a rule is overridden. */
export type Choices = { lines: readonly string[] | null; override: string | null }

export type ButtonLook = { name: string; key: string; icon: LucideIcon; colour: string }

/** The buttons keep their Italian names in every language. */
export const BUTTONS: Record<ButtonName, ButtonLook> = {
  generate: { name: 'Genera Opportunità', key: '1', icon: Sparkles, colour: 'yellow' },
  sync: { name: 'Sincronizza Opportunità', key: '2', icon: RefreshCw, colour: 'orange' },
  activities: { name: 'Genera Attività CRM', key: '3', icon: CalendarPlus, colour: 'violet' },
}

const BUTTON_OF = {
  GENERATE_OPPORTUNITIES: 'generate',
  SYNC_OPPORTUNITIES: 'sync',
  GENERATE_ACTIVITIES: 'activities',
} as const satisfies Record<string, ButtonName>

/** The button that starts actions of this kind. Null: the hub starts them. */
export function buttonOf(kind: ReadAction['kind']): ButtonName | null {
  return kind in BUTTON_OF ? BUTTON_OF[kind as keyof typeof BUTTON_OF] : null
}

/** How an action looks; those that the hub starts are grey. */
export function lookOf(kind: ReadAction['kind'], _: (word: MessageDescriptor) => string): Omit<ButtonLook, 'key'> {
  const button = buttonOf(kind)
  if (button) return BUTTONS[button]
  return { name: _(OTHER_ACTIONS[kind as keyof typeof OTHER_ACTIONS]), icon: Cog, colour: 'grey' }
}

export async function readPreview({ button, targetId: id }: Press, { lines, override }: Choices): Promise<Preview> {
  switch (button) {
    case 'generate':
      return (await read(PreviewGenerate, { id, lines: lines ? [...lines] : null, override })).preview
    case 'sync':
      return (await read(PreviewSync, { id })).preview
    case 'activities':
      return (await read(PreviewActivities, { id })).preview
  }
}

export type RunAnswer = { action: { id: string } | null; problems: readonly Problem[] }

export async function run(
  { button, targetId: id }: Press,
  { lines, override }: Choices,
  token: string,
): Promise<RunAnswer> {
  switch (button) {
    case 'generate':
      return (await write(RunGenerate, { id, lines: lines ? [...lines] : null, override, token })).answer
    case 'sync':
      return (await write(RunSync, { id, token })).answer
    case 'activities':
      return (await write(RunActivities, { id, token })).answer
  }
}
