import { graphql, type ResultOf } from '../../api/graphql'

export const TaskFields = graphql(`
  fragment TaskFields on Task @_unmask {
    __typename
    id
    version
    position
    title
    status
    mandatory
    blocked
    sla
    dueOn
    assignee {
      id
      name
    }
    milestone {
      id
    }
  }
`)

const MilestoneFields = graphql(`
  fragment MilestoneFields on Milestone @_unmask {
    __typename
    id
    version
    position
    title
    status
    taskCount
    finishedTaskCount
    blocked
    sla
    dueOn
    ticket {
      id
    }
    crmActivity {
      id
      crmId
    }
  }
`)

const TicketFields = graphql(`
  fragment TicketFields on Ticket @_unmask {
    __typename
    id
    version
    code
    title
    status
    sla
    dueOn
    progress
    deliveryProgress
    owner {
      id
      name
    }
    service {
      id
      name
    }
    parent {
      id
      code
    }
    opportunity {
      id
      crmId
    }
  }
`)

const WorkFields = graphql(
  `
  fragment WorkFields on Ticket @_unmask {
    ...TicketFields
    milestones {
      ...MilestoneFields
      tasks {
        ...TaskFields
      }
    }
  }
`,
  [TicketFields, MilestoneFields, TaskFields],
)

export const TreeQuery = graphql(
  `
  query Tree($code: String!) {
    ticket(code: $code) {
      ...WorkFields
      treeSeq
      treeCursor
      company {
        id
        name
      }
      kit {
        id
        name
      }
      sourceActivity {
        id
        crmId
      }
      lines {
        id
        amount
        currency
      }
      opportunities {
        id
      }
      children {
        ...WorkFields
      }
    }
  }
`,
  [WorkFields],
)

export const TreeEvents = graphql(
  `
  subscription TreeEvents($ticketId: ID!, $after: String) {
    ticketEvents(ticketId: $ticketId, after: $after) {
      state
      seq
      cursor
      today
      more
      removedIds
      rows {
        tickets {
          ...TicketFields
        }
        milestones {
          ...MilestoneFields
        }
        tasks {
          ...TaskFields
        }
        opportunities {
          id
        }
      }
    }
  }
`,
  [TicketFields, MilestoneFields, TaskFields],
)

export type ReadTree = NonNullable<ResultOf<typeof TreeQuery>['ticket']>
export type ReadWork = ResultOf<typeof WorkFields>
export type ReadTicket = ResultOf<typeof TicketFields>
export type ReadMilestone = ResultOf<typeof MilestoneFields>
export type ReadTask = ResultOf<typeof TaskFields>
export type ReadRows = ResultOf<typeof TreeEvents>['ticketEvents']['rows']

export const TaskPanelQuery = graphql(`
  query TaskPanel($id: ID!) {
    node(id: $id) {
      ... on Task {
        id
        notes
        startsOn
        originalDueOn
        estimatedHours
        workflowRole
        waivedReason
        skippedReason
        reopenedReason
        checklist {
          text
          done
        }
      }
    }
  }
`)

export const ClosureQuery = graphql(`
  query Closure($id: ID!) {
    node(id: $id) {
      ... on Ticket {
        id
        closure {
          reason
          openMilestones {
            id
            reason
            mandatoryTaskIds
            optionalTaskIds
          }
        }
      }
    }
  }
`)

export const OperatorsQuery = graphql(`
  query ActiveOperators {
    operators(first: 100, filter: { active: { eq: true } }) {
      nodes {
        id
        name
        workflowRoles
      }
    }
  }
`)

export const TaskProblem = graphql(
  `
  fragment TaskProblem on Problem @_unmask {
    __typename
    code
    ... on ConflictProblem {
      changedBy {
        id
        name
      }
      current {
        __typename
        ...TaskFields
      }
    }
  }
`,
  [TaskFields],
)

export const StartTask = graphql(
  `
  mutation StartTask($id: ID!, $version: Int!) {
    answer: startTask(taskId: $id, expectedVersion: $version) {
      task {
        ...TaskFields
      }
      problems {
        ...TaskProblem
      }
    }
  }
`,
  [TaskFields, TaskProblem],
)

export const CompleteTask = graphql(
  `
  mutation CompleteTask($id: ID!, $version: Int!) {
    answer: completeTask(taskId: $id, expectedVersion: $version) {
      task {
        ...TaskFields
      }
      problems {
        ...TaskProblem
      }
    }
  }
`,
  [TaskFields, TaskProblem],
)

export const SkipTask = graphql(
  `
  mutation SkipTask($id: ID!, $version: Int!) {
    answer: skipTask(taskId: $id, expectedVersion: $version) {
      task {
        ...TaskFields
      }
      problems {
        ...TaskProblem
      }
    }
  }
`,
  [TaskFields, TaskProblem],
)

export const ReopenTask = graphql(
  `
  mutation ReopenTask($id: ID!, $version: Int!) {
    answer: reopenTask(taskId: $id, expectedVersion: $version) {
      task {
        ...TaskFields
      }
      problems {
        ...TaskProblem
      }
    }
  }
`,
  [TaskFields, TaskProblem],
)

export const AssignTask = graphql(
  `
  mutation AssignTask($id: ID!, $operatorId: ID!, $version: Int!) {
    answer: assignTask(taskId: $id, operatorId: $operatorId, expectedVersion: $version) {
      task {
        ...TaskFields
      }
      problems {
        ...TaskProblem
      }
    }
  }
`,
  [TaskFields, TaskProblem],
)

export const RescheduleTask = graphql(
  `
  mutation RescheduleTask($id: ID!, $dueOn: Date!, $version: Int!) {
    answer: rescheduleTask(taskId: $id, dueOn: $dueOn, expectedVersion: $version) {
      task {
        ...TaskFields
      }
      problems {
        ...TaskProblem
      }
    }
  }
`,
  [TaskFields, TaskProblem],
)

export type TaskAnswer = ResultOf<typeof CompleteTask>['answer']
