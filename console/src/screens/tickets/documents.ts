import { graphql, type ResultOf } from '../../api/graphql'

export const TicketsQuery = graphql(`
  query Tickets($filter: TicketFilter, $orderBy: TicketOrder, $first: Int!, $after: String, $count: Boolean!) {
    tickets(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount @include(if: $count)
      nodes {
        id
        code
        kind
        title
        version
        priority
        status
        sla
        dueOn
        createdAt
        progress
        deliveryProgress
        company {
          id
          name
        }
        owner {
          id
          name
        }
        kit {
          id
          name
        }
        service {
          id
          name
        }
        lines {
          id
          amount
          currency
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const CountQuery = graphql(`
  query TicketCount($filter: TicketFilter) {
    tickets(first: 1, filter: $filter) {
      totalCount
      nodes {
        id
      }
    }
  }
`)

export const UpdateTicket = graphql(`
  mutation UpdateListedTicket($id: ID!, $input: TicketInput!, $version: Int!) {
    updateTicket(ticketId: $id, input: $input, expectedVersion: $version) {
      problems {
        code
        ... on ConflictProblem {
          changedBy {
            id
            name
          }
        }
      }
    }
  }
`)

export type ListedTicket = ResultOf<typeof TicketsQuery>['tickets']['nodes'][number]

export const FacetsQuery = graphql(`
  query TicketFacets {
    kits(first: 100) {
      nodes {
        id
        name
      }
    }
    operators(first: 100, filter: { active: { eq: true } }) {
      nodes {
        id
        name
      }
    }
  }
`)
