import { graphql, type ResultOf } from '../../api/graphql'

/** The rows behind a number, and what the number is now. */
export const RowsQuery = graphql(`
  query KpiRows($address: ID!, $first: Int!, $after: String) {
    kpiPopulation(address: $address, first: $first, after: $after) {
      from
      to
      totalCount
      measure {
        value
        unit
        count
        numerator
      }
      definition {
        key
        formula
        clock
      }
      edges {
        cursor
        title
        subtitle
        weight
        counts
        at
        node {
          __typename
          ... on Ticket {
            id
            code
          }
          ... on Milestone {
            id
            ticket {
              id
              code
            }
          }
          ... on Task {
            id
            ticket {
              id
              code
            }
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
          ... on ActionItem {
            id
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export type Population = ResultOf<typeof RowsQuery>['kpiPopulation']
export type Edge = Population['edges'][number]
