/** `colour` is that of the operation's button in the console, where it has one. */
export type SavedOperation = {
  title: string
  explanation: string
  colour: string | undefined
  query: string
  variables: string
}

const COLOURS: Record<string, string> = { '🟡': 'yellow', '🟠': 'orange', '🟣': 'purple' }

const queries = import.meta.glob<string>('../operations/*.graphql', { query: '?raw', import: 'default', eager: true })
const variables = import.meta.glob<string>('../operations/*.json', { query: '?raw', import: 'default', eager: true })

/** The story's operations, in its order: each file begins with its title and what it does, as comments. */
export const savedOperations: SavedOperation[] = Object.keys(queries)
  .sort()
  .map((path) => read(queries[path] ?? '', variables[path.replace(/\.graphql$/, '.json')] ?? ''))

function read(text: string, values: string): SavedOperation {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('#'))
  const [heading = '', ...explanation] = lines.slice(0, end).map((line) => line.replace(/^#\s*/, ''))
  const mark = Object.keys(COLOURS).find((emoji) => heading.startsWith(emoji))
  return {
    title: mark ? heading.slice(mark.length).trim() : heading,
    explanation: explanation.join(' '),
    colour: mark && COLOURS[mark],
    // GraphiQL names a tab after the operation only where the operation comes first.
    query: lines.slice(end).join('\n'),
    variables: values,
  }
}
