import { type SyntheticEvent, useEffect, useRef } from 'react'

// What was opened last: from which entry of the history, under which name, and as the how-manieth of this name.
let opened: { entry: unknown; name: string; nth: number } | undefined

/** Who comes back to the board from the rows behind a number finds the focus on that number. */
export function useFocusOfNumber(isShown: boolean) {
  const board = useRef<HTMLDivElement>(null)

  useEffect(() => {
    if (!isShown || !opened || opened.entry !== entryOfHistory()) return
    const { name, nth } = opened
    opened = undefined
    // Who has moved on meanwhile stays there.
    if (document.activeElement !== document.body) return
    numbersIn(board.current)
      .filter((one) => nameOf(one) === name)
      [nth]?.focus()
  }, [isShown])

  function remember({ target }: SyntheticEvent) {
    const number = target instanceof Element && target.closest<HTMLElement>(NUMBERS)
    if (!number) return
    const name = nameOf(number)
    const alike = numbersIn(board.current).filter((one) => nameOf(one) === name)
    opened = { entry: entryOfHistory(), name, nth: alike.indexOf(number) }
  }

  return { ref: board, onClickCapture: remember, onKeyDownCapture: remember }
}

const NUMBERS = 'a[href], [role=slider]'

const numbersIn = (board: HTMLElement | null) => [...(board?.querySelectorAll<HTMLElement>(NUMBERS) ?? [])]

const entryOfHistory = (): unknown => window.history.state?.__TSR_key

/** What stays the same when the number changes. */
function nameOf(number: HTMLElement): string {
  if (!(number instanceof HTMLAnchorElement)) return number.ariaLabel ?? ''
  const url = new URL(number.href)
  url.searchParams.delete('seen')
  return url.href
}
