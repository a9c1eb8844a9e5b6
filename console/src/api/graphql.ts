import { initGraphQLTada } from 'gql.tada'
import type { introspection } from './schema'

/** Documents are checked against the committed schema when types are checked. */
export const graphql = initGraphQLTada<{
  introspection: introspection
  scalars: { Date: string; DateTime: string; Decimal: string; JSON: unknown }
}>()

export { type FragmentOf, type ResultOf, readFragment, type VariablesOf } from 'gql.tada'
