import { graphql, type ResultOf } from '../../api/graphql'
import { Answer } from './taskMutations'

const PlanFields = graphql(`
  fragment PlanFields on ReschedulePreview @_unmask {
    dueOn
    moves {
      node {
        __typename
        id
        title
      }
      dueOnBefore
      dueOn
      workingDays
      sla
    }
    crmActivityCount
    warnings
    planToken
    problems {
      code
    }
  }
`)

export const PlanTaskDate = graphql(
  `
  query PlanTaskDate($id: ID!, $dueOn: Date!) {
    plan: previewRescheduleTask(taskId: $id, dueOn: $dueOn) {
      ...PlanFields
    }
  }
`,
  [PlanFields],
)

export const PlanMilestoneDate = graphql(
  `
  query PlanMilestoneDate($id: ID!, $dueOn: Date!) {
    plan: previewRescheduleMilestone(milestoneId: $id, dueOn: $dueOn) {
      ...PlanFields
    }
  }
`,
  [PlanFields],
)

export const RescheduleTask = graphql(
  `
  mutation RescheduleTask($id: ID!, $dueOn: Date!, $version: Int!, $token: String!) {
    answer: rescheduleTask(taskId: $id, dueOn: $dueOn, expectedVersion: $version, planToken: $token) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const RescheduleMilestone = graphql(
  `
  mutation RescheduleMilestone($id: ID!, $dueOn: Date!, $version: Int!, $token: String!) {
    answer: rescheduleMilestone(milestoneId: $id, dueOn: $dueOn, expectedVersion: $version, planToken: $token) {
      ...Answer
    }
  }
`,
  [Answer],
)

export type Plan = ResultOf<typeof PlanFields>
export type Move = NonNullable<Plan['moves']>[number]
