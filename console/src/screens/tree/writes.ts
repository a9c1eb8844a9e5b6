import type { AnyVariables, TypedDocumentNode } from '@urql/core'
import { RequestFailed, write } from '../../api/client'
import { nowOf, type ReadAnswer } from './taskMutations'
import { type TreeStore, takeAnswer } from './useTree'

/** How a write ended: `refused` by a rule, in `conflict` with another's, or `lost` on the way. */
export type WriteEnd<Answer> =
  | { is: 'done'; answer: Answer }
  | { is: 'refused'; code: string; path: readonly string[] }
  | { is: 'conflict'; by: string | null; version: number; current: ReturnType<typeof nowOf> }
  | { is: 'lost' }

/** Writes to a tree, and shows at once what the hub answers. */
export async function writeTree<Answer extends ReadAnswer, Variables extends AnyVariables>(
  store: TreeStore,
  document: TypedDocumentNode<{ answer: Answer }, Variables>,
  variables: Variables,
): Promise<WriteEnd<Answer>> {
  try {
    const { answer } = await write(document, variables)
    takeAnswer(store, answer)
    store.touch()
    const [problem] = answer.problems
    if (!problem) return { is: 'done', answer }
    if (problem.__typename !== 'ConflictProblem') return { is: 'refused', code: problem.code, path: problem.path }
    const { changedBy, version } = problem
    return { is: 'conflict', by: changedBy?.name ?? null, version, current: nowOf(problem) }
  } catch (error) {
    if (error instanceof RequestFailed) return { is: 'lost' }
    throw error
  }
}

/** Names one request that creates something: repeated, it creates nothing more. */
export function newRequestKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
