import { graphql, type ResultOf } from '../../api/graphql'

const TalkFields = graphql(`
  fragment TalkFields on WorkItem @_unmask {
    comments(first: 100) {
      totalCount
      nodes {
        id
        version
        body
        createdAt
        editedAt
        deletedAt
        author {
          id
          name
        }
        mentions {
          id
          name
        }
        replyTo {
          id
          author {
            id
            name
          }
        }
      }
    }
    links {
      id
      kind
      title
      url
    }
  }
`)

/** What the row of a ticket, a milestone or a task does not show. */
export const RowDetailsQuery = graphql(
  `
  query RowDetails($id: ID!) {
    node(id: $id) {
      __typename
      ... on Ticket {
        id
        version
        notes
        startsOn
        template {
          id
          code
          version
        }
        ...TalkFields
      }
      ... on Milestone {
        id
        version
        startsOn
        waitsFor {
          id
          title
          status
        }
        ...TalkFields
      }
      ... on Task {
        id
        version
        notes
        startsOn
        originalDueOn
        estimatedHours
        workflowRole
        waivedReason
        skippedReason
        reopenedReason
        checklist {
          id
          text
          done
        }
        ...TalkFields
      }
    }
  }
`,
  [TalkFields],
)

export const ClosureQuery = graphql(`
  query Closure($id: ID!) {
    node(id: $id) {
      ... on Ticket {
        id
        closure {
          reason
          since
          openMilestones {
            id
            reason
            since
            milestone {
              id
              title
              sla
              waitsFor {
                id
                title
                status
              }
            }
            tasks {
              id
              title
              mandatory
              assignee {
                id
                name
              }
            }
            taskCount
          }
          chain {
            at
            node {
              __typename
              id
              title
            }
            event {
              id
              kind
            }
            actor {
              __typename
              ... on Operator {
                id
                name
              }
              ... on SystemActor {
                name
              }
            }
          }
        }
      }
    }
  }
`)

type ReadNode = NonNullable<ResultOf<typeof RowDetailsQuery>['node']>
export type TicketDetails = Extract<ReadNode, { __typename: 'Ticket' }>
export type MilestoneDetails = Extract<ReadNode, { __typename: 'Milestone' }>
export type TaskDetails = Extract<ReadNode, { __typename: 'Task' }>
export type RowDetails = TicketDetails | MilestoneDetails | TaskDetails
export type Comment = RowDetails['comments']['nodes'][number]
export type LinkRow = RowDetails['links'][number]
export type Closure = Extract<NonNullable<ResultOf<typeof ClosureQuery>['node']>, { closure: unknown }>['closure']
