let count = 0

/** Has the browser ask before the page is left, for as long as this is not done: it would be lost. */
export async function unsaved<Result>(work: Promise<Result>): Promise<Result> {
  if (count === 0) window.addEventListener('beforeunload', askFirst)
  count += 1
  try {
    return await work
  } finally {
    count -= 1
    if (count === 0) window.removeEventListener('beforeunload', askFirst)
  }
}

function askFirst(event: BeforeUnloadEvent) {
  event.preventDefault()
}
