const MOMENT = 200
const PAUSE = 1_000

/**
 * Runs what is asked for a moment later, and again at most once a second, however often it is asked.
 * Someone who runs past many rows asks for none of them, and a storm of changes holds nothing up.
 */
export class Paced {
  #run: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #next = 0

  constructor(run: () => void) {
    this.#run = run
  }

  ask() {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        this.#next = Date.now() + PAUSE
        this.#run()
      },
      Math.max(MOMENT, this.#next - Date.now()),
    )
  }

  end() {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
