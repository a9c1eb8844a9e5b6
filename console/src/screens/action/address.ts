export type ButtonName = 'generate' | 'sync' | 'activities'

/** A button and what it is pressed for: a parent ticket, or the opportunity of a child. */
export type Press = { button: ButtonName; targetId: string }

/** What a panel shows, as the address says it: an action, or the preview of a button. */
export type Shown = { is: 'action'; id: string } | { is: 'preview'; button: ButtonName; targetId: string | null }

const ACTION = /^axn_\w+$/
const ACTIVITIES = /^activities\.(opp_\w+)$/

/** Reads an address that anybody may have written. A preview without a target of its own is of the page's ticket. */
export function readShown(text: string | undefined): Shown | null {
  if (!text) return null
  if (ACTION.test(text)) return { is: 'action', id: text }
  if (text === 'generate' || text === 'sync') return { is: 'preview', button: text, targetId: null }
  const opportunity = ACTIVITIES.exec(text)?.[1]
  return opportunity ? { is: 'preview', button: 'activities', targetId: opportunity } : null
}

export function writePress({ button, targetId }: Press): string {
  return button === 'activities' ? `activities.${targetId}` : button
}
