import {
  type AnyVariables,
  Client,
  cacheExchange,
  fetchExchange,
  mapExchange,
  type TypedDocumentNode,
} from '@urql/core'
import { goToSignIn } from './session'
import { connection } from './socket'
import { fetchByHash } from './trusted'
import { unsaved } from './unsaved'

export const client = new Client({
  url: '/graphql',
  // The hub takes operations by POST alone; a POST also carries the origin that the session needs.
  preferGetMethod: false,
  fetch: fetchByHash,
  exchanges: [
    mapExchange({
      onResult: (result) => {
        if (result.error?.response?.status === 401) goToSignIn()
        else if (!result.error?.networkError) connection.heard()
      },
    }),
    cacheExchange,
    fetchExchange,
  ],
})

/** A request that the hub did not answer with data. `requestId` names it in the hub's log. */
export class RequestFailed extends Error {
  readonly requestId: string | undefined
  readonly unreachable: boolean

  constructor(message: string, { requestId, unreachable }: { requestId?: string | undefined; unreachable: boolean }) {
    super(message)
    this.requestId = requestId
    this.unreachable = unreachable
  }
}

/** Reads from the hub, never from a cache. */
export async function read<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return dataOf(await client.query(document, variables, { requestPolicy: 'network-only' }).toPromise())
}

/** Changes something. What was sent arrives even if the page is closed before the answer. */
export async function write<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const sent = client.mutation(document, variables, { fetchOptions: { keepalive: true } }).toPromise()
  return dataOf(await unsaved(sent))
}

type Answer<Data> = {
  data?: Data | undefined
  error?: { message: string; networkError?: Error | undefined; response?: Response } | undefined
}

function dataOf<Data>({ data, error }: Answer<Data>): Data {
  if (data !== undefined && data !== null && !error) return data
  throw failureOf(error)
}

export function failureOf(error: Answer<unknown>['error']): RequestFailed {
  return new RequestFailed(error?.message ?? 'no data', {
    requestId: error?.response?.headers.get('x-request-id') ?? undefined,
    unreachable: Boolean(error?.networkError) && !error?.response,
  })
}
