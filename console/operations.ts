import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { formatDocument } from '@urql/core'
import {
  type DefinitionNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql'
import type { Plugin } from 'vite'

const IN_TEMPLATES = /graphql\(\s*`(.*?)`/gs
const OF_THE_CLIENT = / @_unmask\b/g
const MODULE = 'virtual:operations'

/** A Vite plugin: the hash of each operation of the console as a module, and their texts in a file for the hub. */
export function operations(): Plugin {
  let texts: Record<string, string> = {}
  return {
    name: 'operations',
    buildStart() {
      texts = readOperations('src')
    },
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load(id) {
      if (id !== `\0${MODULE}`) return undefined
      const hashes = Object.entries(texts).map(([name, text]) => [
        name,
        createHash('sha256').update(text).digest('hex'),
      ])
      return `export default ${JSON.stringify(Object.fromEntries(hashes))}`
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'operations.json', source: JSON.stringify(texts, null, 1) })
    },
  }
}

/** The texts by the names of the operations, each with the fragments that it needs. */
function readOperations(folder: string): Record<string, string> {
  const definitions = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .sort()
    .flatMap((file) => [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(IN_TEMPLATES)])
    .flatMap(([, text = '']) => parse(text.replace(OF_THE_CLIENT, ''), { noLocation: true }).definitions)
  const fragments = new Map(definitions.filter(isFragment).map((one) => [one.name.value, one]))
  const texts: Record<string, string> = {}
  for (const operation of definitions.filter(isOperation)) {
    const name = operation.name?.value
    if (!name || name in texts) throw new Error(`An operation needs a name of its own: ${print(operation)}`)
    // As the client asks: it adds the types of all rows, which its cache needs.
    const document = { kind: Kind.DOCUMENT, definitions: [operation, ...neededBy(operation, fragments)] } as const
    texts[name] = print(formatDocument(document))
  }
  return texts
}

const isFragment = (one: DefinitionNode): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION

const isOperation = (one: DefinitionNode): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION

function neededBy(
  node: DefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found = new Set<FragmentDefinitionNode>(),
): Set<FragmentDefinitionNode> {
  visit(node, {
    FragmentSpread({ name: { value } }) {
      const fragment = fragments.get(value)
      if (!fragment) throw new Error(`There is no fragment ${value}.`)
      if (!found.has(fragment)) neededBy(fragment, fragments, found.add(fragment))
    },
  })
  return found
}
