import { useEffect, useState } from 'react'
import { read } from '../api/client'
import { graphql, type ResultOf } from '../api/graphql'

const RecentTickets = graphql(`
  query RecentTickets {
    tickets(first: 8, orderBy: UPDATED_AT_DESC) {
      nodes {
        id
        code
        title
        status
        company {
          id
          name
        }
      }
    }
  }
`)

const SearchQuery = graphql(`
  query Search($text: String!) {
    search(text: $text, first: 12, kinds: [TICKET, TASK, COMPANY, OPPORTUNITY, INTAKE_ITEM]) {
      hits {
        title
        subtitle
        node {
          __typename
          ... on Ticket {
            id
            code
            ticketStatus: status
          }
          ... on Task {
            id
            taskStatus: status
            ticket {
              id
              code
            }
          }
          ... on Company {
            id
            name
          }
          ... on Opportunity {
            id
            ticket {
              id
              code
            }
          }
          ... on IntakeItem {
            id
          }
        }
      }
    }
  }
`)

export type Recent = ResultOf<typeof RecentTickets>['tickets']['nodes'][number]
export type Hit = ResultOf<typeof SearchQuery>['search']['hits'][number]

const MOMENT = 120

/** The tickets that changed last, and what the hub finds for a text, a moment after it was typed. */
export function useFound(text: string) {
  const [recent, setRecent] = useState<readonly Recent[]>([])
  const [found, setFound] = useState<{ text: string; hits: readonly Hit[] }>({ text: '', hits: [] })

  useEffect(() => {
    read(RecentTickets, {}).then(
      ({ tickets }) => setRecent(tickets.nodes),
      // The commands stay, and the frame says that the hub is not there.
      () => undefined,
    )
  }, [])

  useEffect(() => {
    if (!text) return
    let wanted = true
    const timer = setTimeout(() => {
      read(SearchQuery, { text }).then(
        ({ search }) => wanted && setFound({ text, hits: search.hits }),
        () => undefined,
      )
    }, MOMENT)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [text])

  // What was found for other words stays until the answer for these is here.
  return { recent, hits: found.hits, isSearching: text !== '' && found.text !== text }
}
