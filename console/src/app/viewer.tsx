import { createContext, useContext, useEffect, useState } from 'react'
import { useQuery } from 'urql'
import { failureOf, type RequestFailed } from '../api/client'
import { graphql, type ResultOf } from '../api/graphql'

export const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      name
      role
      operator {
        id
      }
    }
  }
`)

export type Viewer = ResultOf<typeof ViewerQuery>['viewer']

const PAUSE = 5_000

export type SignedIn = { viewer: Viewer | undefined; failure: RequestFailed | undefined; again: () => void }

/** Who is signed in. Once known, nothing asks again; until then a hub that is away is asked time and again. */
export function useSignedIn(): SignedIn {
  const [viewer, setViewer] = useState<Viewer>()
  const [{ data, error }, ask] = useQuery({ query: ViewerQuery, pause: viewer !== undefined })

  useEffect(() => {
    if (data) setViewer(data.viewer)
  }, [data])

  useEffect(() => {
    if (!error) return
    const timer = setTimeout(() => ask({ requestPolicy: 'network-only' }), PAUSE)
    return () => clearTimeout(timer)
  }, [error, ask])

  // Without an answer nobody knows yet whether somebody is signed in.
  const signedOut = error?.response?.status === 401
  return {
    viewer,
    failure: error && !viewer && !signedOut ? failureOf(error) : undefined,
    again: () => ask({ requestPolicy: 'network-only' }),
  }
}

export const ViewerContext = createContext<Viewer | null>(null)

export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext)
  if (!viewer) throw new Error('Only pages inside of the frame know who is signed in.')
  return viewer
}

/** What a role may not do is not offered. */
export function useMayWrite(): boolean {
  return useViewer().role !== 'VIEWER'
}
