import { createRootRoute, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router'
import { goToSignIn, showedSession } from '../api/session'
import { readTodoSearch } from '../screens/dafare/search'
import { readBoardSearch } from '../screens/indicatori/search'
import { readRowsSearch } from '../screens/righe/search'
import { readSearch } from '../screens/tickets/search'
import { readTreeSearch } from '../screens/tree/search'
import { NotFound } from './NotFound'
import { Shell } from './Shell'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/accedi',
  validateSearch: (search: Record<string, unknown>): { to?: string; code?: string; signedOut?: boolean } => ({
    ...(typeof search.to === 'string' ? { to: search.to } : {}),
    ...(search.code !== undefined ? { code: String(search.code) } : {}),
    ...(search.signedOut ? { signedOut: true } : {}),
  }),
}).lazy(() => import('../screens/accesso/route').then(({ Route }) => Route))

const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Shell,
  beforeLoad: () => {
    // A page of its own: only that shows the session to whoever came from another site.
    if (!showedSession()) goToSignIn()
  },
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/da-fare', replace: true })
  },
})

const todo = createRoute({
  getParentRoute: () => frame,
  path: '/da-fare',
  validateSearch: readTodoSearch,
}).lazy(() => import('../screens/dafare/route').then(({ Route }) => Route))

const tickets = createRoute({
  getParentRoute: () => frame,
  path: '/ticket',
  validateSearch: readSearch,
}).lazy(() => import('../screens/tickets/route').then(({ Route }) => Route))

const tree = createRoute({
  getParentRoute: () => frame,
  path: '/ticket/$code',
  validateSearch: readTreeSearch,
}).lazy(() => import('../screens/tree/route').then(({ Route }) => Route))

const board = createRoute({
  getParentRoute: () => frame,
  path: '/indicatori',
  validateSearch: readBoardSearch,
}).lazy(() => import('../screens/indicatori/route').then(({ Route }) => Route))

const rows = createRoute({
  getParentRoute: () => frame,
  path: '/indicatori/righe',
  validateSearch: readRowsSearch,
}).lazy(() => import('../screens/righe/route').then(({ Route }) => Route))

const action = createRoute({
  getParentRoute: () => frame,
  path: '/azioni/$id',
}).lazy(() => import('../screens/action/route').then(({ Route }) => Route))

export const router = createRouter({
  routeTree: root.addChildren([home, signIn, frame.addChildren([todo, tickets, tree, board, rows, action])]),
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
