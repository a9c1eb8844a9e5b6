export const VIEWS = ['mine', 'team', 'late', 'inbox', 'errors'] as const

export type View = (typeof VIEWS)[number]

/** Which list is shown, and which of its entries is read beside it. */
export type TodoSearch = { view?: View; item?: string }

export function readTodoSearch({ view, item }: Record<string, unknown>): TodoSearch {
  const known = VIEWS.find((one) => one === view)
  return {
    ...(known ? { view: known } : {}),
    ...(typeof item === 'string' && item ? { item } : {}),
  }
}
