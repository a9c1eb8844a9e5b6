import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { read } from '../../api/client'
import { graphql, type ResultOf } from '../../api/graphql'
import { useFresh } from '../../app/useFresh'
import { Avatar } from '../../ui/parts'
import { eventWords } from '../../words/events'
import { timeOrDay } from '../../words/figures'
import type { TreeRow } from './rows'
import { useTreeParts } from './treeContext'
import { useAnyChange } from './useTree'

const TimelineQuery = graphql(`
  query Timeline($filter: EventFilter!, $first: Int!) {
    changes(first: $first, filter: $filter, automatic: true) {
      nodes {
        id
        at
        by {
          __typename
          ... on Operator {
            id
            name
          }
          ... on SystemActor {
            name
          }
        }
        first {
          id
          kind
          node {
            __typename
            ... on Task {
              id
              title
            }
            ... on Milestone {
              id
              title
            }
            ... on Ticket {
              id
              code
            }
            ... on Opportunity {
              id
              opportunityCode: code
            }
          }
        }
        events {
          id
          kind
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`)

type Change = ResultOf<typeof TimelineQuery>['changes']['nodes'][number]

const PAGE = 10
const MOST = 100

/** What happened to a row, or in the whole tree, newest first; what one commit did is one line. */
export function Timeline({ row, rootId }: { row: TreeRow; rootId: string }) {
  const { t } = useMacro()
  const { store } = useTreeParts()
  const changes = useAnyChange(store)
  const [first, setFirst] = useState(PAGE)
  const filter = row.id === rootId ? { streamId: { eq: rootId } } : { entityId: { eq: row.id } }
  const list = useFresh(
    row.id,
    async () => (await read(TimelineQuery, { filter, first })).changes,
    `${changes} ${first}`,
  )

  if (!list?.nodes.length) return null
  return (
    <section className="timeline">
      <ol>
        {list.nodes.map((change) => (
          <Line key={change.id} change={change} />
        ))}
      </ol>
      {list.pageInfo.hasNextPage && first < MOST && (
        <button type="button" className="link" onClick={() => setFirst(Math.min(MOST, first + 3 * PAGE))}>
          {t`Mostra di più`}
        </button>
      )}
    </section>
  )
}

function Line({ change: { at, by, first, events } }: { change: Change }) {
  const { _, i18n } = useLingui()
  const { t } = useMacro()
  const isPerson = by.__typename === 'Operator'
  const more = events.length - 1
  // A sale comes with its company, and opens the ticket with all that is in it.
  const isSale = events.some(({ kind }) => kind === 'SALE_IMPORTED')
  return (
    <li>
      {isPerson ? <Avatar name={by.name} /> : <RefreshCw size={14} className="on-grey" aria-hidden />}
      <span>
        <b>{isPerson ? by.name : t`L’hub`}</b> {first && _(eventWords(isSale ? 'SALE_IMPORTED' : first.kind))}{' '}
        {nameOf(first?.node)}
        {more > 0 && (
          <span className="quiet"> {plural(more, { one: 'e # conseguenza', other: 'e # conseguenze' })}</span>
        )}
      </span>
      <time dateTime={at} className="quiet">
        {timeOrDay(at, i18n.locale)}
      </time>
    </li>
  )
}

function nameOf(node: NonNullable<Change['first']>['node'] | undefined): string {
  switch (node?.__typename) {
    case 'Task':
    case 'Milestone':
      return node.title
    case 'Ticket':
      return node.code
    case 'Opportunity':
      return node.opportunityCode ?? ''
    default:
      return ''
  }
}
