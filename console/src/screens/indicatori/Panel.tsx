import type { ReactNode } from 'react'

/** A tile with a name, and with a word beside it. */
export function Panel({ title, more, children }: { title: string; more: ReactNode; children: ReactNode }) {
  return (
    <section className="tile" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span className="end">{more}</span>
      </header>
      {children}
    </section>
  )
}

/** The name of a part of a figure: of those without, and of the others together, too. */
export function nameOf(key: string, label: string, none: string, rest: string): string {
  return key === 'none' ? none : key === 'rest' ? rest : label
}
