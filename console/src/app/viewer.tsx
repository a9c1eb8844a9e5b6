import { createContext, useContext } from 'react'
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
