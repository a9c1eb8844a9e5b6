import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export type LinkKind = 'ENGAGEMENT_LETTER' | 'SIGNED_ENGAGEMENT' | 'DELIVERABLE' | 'FILING' | 'OTHER'

/** What a document is. */
export const LINK_KIND: Record<LinkKind, MessageDescriptor> = {
  ENGAGEMENT_LETTER: msg`Incarico`,
  SIGNED_ENGAGEMENT: msg`Incarico firmato`,
  DELIVERABLE: msg`Elaborato`,
  FILING: msg`Pratica presentata`,
  OTHER: msg`Altro`,
}
