import { graphql, type ResultOf } from '../../api/graphql'

export const AnyTicketQuery = graphql(`
  query AnyTicket {
    tickets(first: 1) {
      nodes {
        id
      }
    }
    work {
      intake
    }
  }
`)

export const SetupQuery = graphql(`
  query Setup {
    crmHealth {
      breaker
      callsPerMinute
      lastErrors {
        at
        crmWords
      }
    }
    operators(first: 100, filter: { active: { eq: true } }) {
      nodes {
        id
        name
        role
      }
    }
    services(first: 100) {
      totalCount
      nodes {
        id
        responsible {
          id
        }
      }
    }
    kits(first: 100) {
      totalCount
      nodes {
        id
        name
        active
      }
    }
    workflowTemplates(first: 1, filter: { current: { eq: true } }) {
      totalCount
    }
  }
`)

export type Setup = ResultOf<typeof SetupQuery>
