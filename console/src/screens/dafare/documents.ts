import { graphql, type ResultOf } from '../../api/graphql'
import { TaskFields } from '../tree/documents'
import { TreeProblem } from '../tree/taskMutations'

export const TodoTasksQuery = graphql(
  `
  query TodoTasks($filter: TaskFilter, $first: Int!, $after: String, $count: Boolean!) {
    tasks(first: $first, after: $after, filter: $filter, orderBy: NEXT_FIRST) {
      totalCount @include(if: $count)
      nodes {
        ...TaskFields
        ticket {
          id
          code
          company {
            id
            name
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`,
  [TaskFields],
)

export const NextTaskQuery = graphql(`
  query NextTask {
    tasks(first: 1, orderBy: NEXT_FIRST, filter: { assignee: { isMe: true }, status: { in: [TODO, IN_PROGRESS] } }) {
      nodes {
        id
        title
        dueOn
      }
    }
  }
`)

const ListedItem = graphql(`
  fragment ListedItem on IntakeItem @_unmask {
    id
    crmActivityId
    status
    reason
    shownSubject
    createdAt
    version
  }
`)

export const InboxQuery = graphql(
  `
  query Inbox($first: Int!, $after: String, $count: Boolean!) {
    intakeItems(first: $first, after: $after, filter: { status: { eq: WAITING } }, orderBy: CREATED_AT_ASC) {
      totalCount @include(if: $count)
      nodes {
        ...ListedItem
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`,
  [ListedItem],
)

export const CrmErrorsQuery = graphql(`
  query CrmErrors($first: Int!, $after: String, $count: Boolean!) {
    actions(first: $first, after: $after, filter: { needsAttention: { eq: true } }, orderBy: CREATED_AT_DESC) {
      totalCount @include(if: $count)
      nodes {
        id
        kind
        status
        attentionCount
        createdAt
        finishedAt
        ticket {
          id
          code
        }
        company {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const IntakeItemQuery = graphql(
  `
  query IntakeItem($id: ID!) {
    node(id: $id) {
      ... on IntakeItem {
        ...ListedItem
        explanation
        crmWords
        crmCompanyId
        shownDescription
        settledAt
        evidence {
          source
          start
          end
          kind
          kitCode
        }
        candidateKits {
          ...Offered
        }
        ticket {
          id
          code
          kit {
            id
            name
          }
        }
      }
    }
  }

  fragment Offered on Kit @_unmask {
    id
    code
    name
    lines {
      id
      quantity
      mandatory
      service {
        id
        name
        price
        currency
      }
    }
  }
`,
  [ListedItem],
)

/** What may be chosen where the text leaves it open. */
export const ChoicesQuery = graphql(`
  query IntakeChoices {
    kits(first: 100, filter: { active: { eq: true } }) {
      nodes {
        id
        code
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

const SettleProblem = graphql(`
  fragment SettleProblem on Problem @_unmask {
    __typename
    code
    message
  }
`)

export const ResolveItem = graphql(
  `
  mutation ResolveItem($id: ID!, $kitCode: String, $ownerId: ID, $version: Int!) {
    answer: resolveIntakeItem(intakeItemId: $id, kitCode: $kitCode, ownerId: $ownerId, expectedVersion: $version) {
      problems {
        ...SettleProblem
      }
    }
  }
`,
  [SettleProblem],
)

export const DismissItem = graphql(
  `
  mutation DismissItem($id: ID!, $version: Int!) {
    answer: dismissIntakeItem(intakeItemId: $id, expectedVersion: $version) {
      problems {
        ...SettleProblem
      }
    }
  }
`,
  [SettleProblem],
)

export const ChangeTasks = graphql(
  `
  mutation ChangeTasks($tasks: [TaskTargetInput!]!, $change: TaskChangeInput!) {
    changeTasks(tasks: $tasks, change: $change) {
      results {
        taskId
        task {
          ...TaskFields
        }
        problems {
          ...TreeProblem
        }
      }
      problems {
        ...TreeProblem
      }
    }
  }
`,
  [TaskFields, TreeProblem],
)

export type ListedTask = ResultOf<typeof TodoTasksQuery>['tasks']['nodes'][number]
export type ListedItem = ResultOf<typeof ListedItem>
export type ListedAction = ResultOf<typeof CrmErrorsQuery>['actions']['nodes'][number]
export type Item = Extract<NonNullable<ResultOf<typeof IntakeItemQuery>['node']>, { evidence: unknown }>
export type Kit = Item['candidateKits'][number]
