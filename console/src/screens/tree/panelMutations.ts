import { graphql } from '../../api/graphql'
import { Answer } from './taskMutations'

export const UpdateTask = graphql(
  `
  mutation UpdateTask($id: ID!, $input: TaskInput!, $version: Int!) {
    answer: updateTask(taskId: $id, input: $input, expectedVersion: $version) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const TickChecklist = graphql(
  `
  mutation TickChecklist($id: ID!, $entryId: ID!, $done: Boolean!) {
    answer: tickChecklist(taskId: $id, entryId: $entryId, done: $done) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const AddTask = graphql(
  `
  mutation AddTask($milestoneId: ID!, $input: NewTaskInput!, $after: ID, $key: String!) {
    answer: addTask(milestoneId: $milestoneId, input: $input, afterTaskId: $after, requestKey: $key) {
      ...Answer
      task {
        id
      }
    }
  }
`,
  [Answer],
)

export const AddMilestone = graphql(
  `
  mutation AddMilestone($ticketId: ID!, $input: NewMilestoneInput!, $key: String!) {
    answer: addMilestone(ticketId: $ticketId, input: $input, requestKey: $key) {
      ...Answer
      milestone {
        id
      }
    }
  }
`,
  [Answer],
)

export const AddComment = graphql(
  `
  mutation AddComment($subjectId: ID!, $body: String!, $replyToId: ID, $key: String!) {
    answer: addComment(subjectId: $subjectId, body: $body, replyToId: $replyToId, requestKey: $key) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const EditComment = graphql(
  `
  mutation EditComment($id: ID!, $body: String!, $version: Int!) {
    answer: editComment(commentId: $id, body: $body, expectedVersion: $version) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const DeleteComment = graphql(
  `
  mutation DeleteComment($id: ID!) {
    answer: deleteComment(commentId: $id) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const AddLink = graphql(
  `
  mutation AddLink($subjectId: ID!, $url: String!, $title: String!, $kind: LinkKind!) {
    answer: addLink(subjectId: $subjectId, url: $url, title: $title, kind: $kind) {
      ...Answer
    }
  }
`,
  [Answer],
)

export const RemoveLink = graphql(
  `
  mutation RemoveLink($id: ID!) {
    answer: removeLink(linkId: $id) {
      ...Answer
    }
  }
`,
  [Answer],
)
