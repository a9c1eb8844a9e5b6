import type { ReactNode } from 'react'
import type { Item } from './documents'

type Mark = Item['evidence'][number]

/** A text with the words that decided. Positions count Unicode characters, not the halves of JavaScript's strings. */
export function Marked({ text, marks }: { text: string; marks: readonly Mark[] }) {
  return piecesOf(text, marks).map((piece, at) =>
    piece.mark ? (
      <mark key={at} className={piece.mark.kind === 'KIT' ? 'kit' : 'word'}>
        {piece.text}
      </mark>
    ) : (
      <span key={at}>{piece.text}</span>
    ),
  ) as ReactNode
}

export type Piece = { text: string; mark: Mark | null }

/** Cuts a text where marks begin and end; a mark inside of another one is left out. */
export function piecesOf(text: string, marks: readonly Mark[]): Piece[] {
  const letters = Array.from(text)
  const pieces: Piece[] = []
  let at = 0
  const add = (end: number, mark: Mark | null) => {
    if (end > at) pieces.push({ text: letters.slice(at, end).join(''), mark })
    at = Math.max(at, end)
  }
  for (const mark of [...marks].sort((one, other) => one.start - other.start || other.end - one.end)) {
    if (mark.start < at) continue
    add(mark.start, null)
    add(Math.min(mark.end, letters.length), mark)
  }
  add(letters.length, null)
  return pieces
}
