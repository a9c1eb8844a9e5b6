import { graphql, type ResultOf } from '../../api/graphql'

export const ActionFields = graphql(`
  fragment ActionFields on Action @_unmask {
    id
    version
    kind
    status
    itemCount
    finishedCount
    attentionCount
    estimatedEnd
    createdAt
    finishedAt
    reason
    operator {
      id
      name
    }
    company {
      id
      crmId
      crmUrl
      name
    }
    ticket {
      id
      code
    }
    opportunity {
      id
      code
    }
  }
`)

const ItemFields = graphql(`
  fragment ItemFields on ActionItem @_unmask {
    id
    position
    kind
    subjectId
    reference
    label
    state
    outcome
    explanation
    crmWords
    crmId
    crmUrl
    attemptCount
    nextTryAt
    sentAt
    finishedAt
  }
`)

export const ActionQuery = graphql(
  `
  query Action($id: ID!) {
    action(id: $id) {
      ...ActionFields
      items(first: 100) {
        nodes {
          ...ItemFields
        }
      }
    }
  }
`,
  [ActionFields, ItemFields],
)

export const ActionEvents = graphql(
  `
  subscription ActionEvents($id: ID!, $after: String) {
    actionProgress(actionId: $id, after: $after) {
      state
      cursor
      more
      action {
        ...ActionFields
      }
      items {
        ...ItemFields
      }
    }
  }
`,
  [ActionFields, ItemFields],
)

/** What the records of a parent ticket are called: its lines, and its children by their codes. */
export const SubjectsQuery = graphql(`
  query Subjects($code: String!) {
    ticket(code: $code) {
      id
      code
      lines {
        id
        position
        name
        amount
        currency
        mandatory
        service {
          id
          code
        }
      }
    }
  }
`)

const PreviewFields = graphql(
  `
  fragment PreviewFields on ActionPreview @_unmask {
    items {
      subjectId
      reference
      label
      outcome
      explanation
      crmId
      crmUrl
    }
    crmCalls
    estimatedSeconds
    mirrorAgeSeconds
    crmRead
    planToken
    problems {
      __typename
      code
      ... on ActionRunningProblem {
        action {
          id
        }
      }
    }
  }
`,
)

export const PreviewGenerate = graphql(
  `
  query PreviewGenerate($id: ID!, $lines: [ID!], $override: String) {
    preview: previewGenerateOpportunities(ticketId: $id, ticketLineIds: $lines, override: $override) {
      ...PreviewFields
    }
  }
`,
  [PreviewFields],
)

export const PreviewSync = graphql(
  `
  query PreviewSync($id: ID!) {
    preview: previewSyncOpportunities(ticketId: $id) {
      ...PreviewFields
    }
  }
`,
  [PreviewFields],
)

export const PreviewActivities = graphql(
  `
  query PreviewActivities($id: ID!) {
    preview: previewGenerateActivities(opportunityId: $id) {
      ...PreviewFields
    }
  }
`,
  [PreviewFields],
)

export const ActionProblem = graphql(`
  fragment ActionProblem on Problem @_unmask {
    __typename
    code
    ... on ActionRunningProblem {
      action {
        id
      }
    }
  }
`)

export const RunGenerate = graphql(
  `
  mutation RunGenerate($id: ID!, $lines: [ID!], $override: String, $token: String!) {
    answer: generateOpportunities(ticketId: $id, ticketLineIds: $lines, override: $override, planToken: $token) {
      action {
        id
      }
      problems {
        ...ActionProblem
      }
    }
  }
`,
  [ActionProblem],
)

export const RunSync = graphql(
  `
  mutation RunSync($id: ID!, $token: String!) {
    answer: syncOpportunities(ticketId: $id, planToken: $token) {
      action {
        id
      }
      problems {
        ...ActionProblem
      }
    }
  }
`,
  [ActionProblem],
)

export const RunActivities = graphql(
  `
  mutation RunActivities($id: ID!, $token: String!) {
    answer: generateActivities(opportunityId: $id, planToken: $token) {
      action {
        id
      }
      problems {
        ...ActionProblem
      }
    }
  }
`,
  [ActionProblem],
)

export const RetryAction = graphql(
  `
  mutation RetryAction($id: ID!, $version: Int!) {
    answer: retryAction(actionId: $id, expectedVersion: $version) {
      problems {
        ...ActionProblem
      }
    }
  }
`,
  [ActionProblem],
)

export const CancelAction = graphql(
  `
  mutation CancelAction($id: ID!, $version: Int!) {
    answer: cancelAction(actionId: $id, expectedVersion: $version) {
      problems {
        ...ActionProblem
      }
    }
  }
`,
  [ActionProblem],
)

export type ReadAction = NonNullable<ResultOf<typeof ActionQuery>['action']>
export type ProgressItem = ResultOf<typeof ActionEvents>['actionProgress']
export type ReadItem = ReadAction['items']['nodes'][number]
export type Preview = ResultOf<typeof PreviewFields>
export type PreviewItem = NonNullable<Preview['items']>[number]
export type Problem = ResultOf<typeof ActionProblem>
export type Subjects = NonNullable<ResultOf<typeof SubjectsQuery>['ticket']>
