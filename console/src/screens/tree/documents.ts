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

export const MilestoneFields = graphql(`
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
      crmUrl
    }
  }
`)

export const TicketFields = graphql(`
  fragment TicketFields on Ticket @_unmask {
    __typename
    id
    version
    code
    title
    status
    priority
    sla
    dueOn
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
      crmUrl
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
        crmId
        crmUrl
        name
      }
      kit {
        id
        name
      }
      sourceActivity {
        id
        crmId
        crmUrl
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
        comments {
          id
        }
        links {
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
export type ReadRows = Pick<ResultOf<typeof TreeEvents>['ticketEvents']['rows'], 'tickets' | 'milestones' | 'tasks'>

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
