import { graphql, type ResultOf } from '../../api/graphql'
import { MilestoneFields, TaskFields, TicketFields } from './documents'

/** Why a change was refused, and how the row is now if somebody else changed it first. */
export const TreeProblem = graphql(
  `
  fragment TreeProblem on Problem @_unmask {
    __typename
    code
    path
    ... on ConflictProblem {
      version
      changedBy {
        id
        name
      }
      current {
        __typename
        ... on Task {
          ...TaskFields
          notes
        }
        ... on Comment {
          id
          body
          version
        }
      }
      # In a place of its own: its status is of another type than a task's.
      ticket: current {
        ... on Ticket {
          ...TicketFields
          notes
        }
      }
    }
  }
`,
  [TicketFields, TaskFields],
)

/** What every change of a tree answers: the rows that read differently now, and why it was refused. */
export const Answer = graphql(
  `
  fragment Answer on TreeChange @_unmask {
    treeSeq
    changed {
      tickets {
        ...TicketFields
      }
      milestones {
        ...MilestoneFields
      }
      tasks {
        ...TaskFields
      }
    }
    problems {
      ...TreeProblem
    }
  }
`,
  [TicketFields, MilestoneFields, TaskFields, TreeProblem],
)

export type ReadAnswer = ResultOf<typeof Answer>

export type Conflict = Extract<ReadAnswer['problems'][number], { __typename: 'ConflictProblem' }>

/** What somebody else has changed, as it is now. */
export function nowOf({ current, ticket }: Conflict) {
  if (ticket && 'code' in ticket) return ticket
  return current && 'id' in current ? current : null
}

export const StartTask = graphql(
  `
  mutation StartTask($id: ID!, $version: Int!) {
    answer: startTask(taskId: $id, expectedVersion: $version) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const CompleteTask = graphql(
  `
  mutation CompleteTask($id: ID!, $version: Int!) {
    answer: completeTask(taskId: $id, expectedVersion: $version) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const SkipTask = graphql(
  `
  mutation SkipTask($id: ID!, $version: Int!) {
    answer: skipTask(taskId: $id, expectedVersion: $version) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const ReopenTask = graphql(
  `
  mutation ReopenTask($id: ID!, $version: Int!) {
    answer: reopenTask(taskId: $id, expectedVersion: $version) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const AssignTask = graphql(
  `
  mutation AssignTask($id: ID!, $operatorId: ID!, $version: Int!) {
    answer: assignTask(taskId: $id, operatorId: $operatorId, expectedVersion: $version) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const UpdateTicket = graphql(
  `
  mutation UpdateTicket($id: ID!, $input: TicketInput!, $version: Int!) {
    answer: updateTicket(ticketId: $id, input: $input, expectedVersion: $version) {
      ...Answer
    }
  }
`,
  [Answer],
)
