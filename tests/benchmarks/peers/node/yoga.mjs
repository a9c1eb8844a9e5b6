// GraphQL Yoga on Node's own HTTP server, with a DataLoader for each relation and request.
import { createServer } from 'node:http'
import DataLoader from 'dataloader'
import { createSchema, createYoga } from 'graphql-yoga'
import { childrenOf, milestonesOf, roots, schema, tasksOf } from './rows.mjs'

const yoga = createYoga({
  schema: createSchema({
    typeDefs: schema,
    resolvers: {
      ...roots,
      Ticket: {
        children: ({ id }, _, context) => context.children.load(id),
        milestones: ({ id }, _, context) => context.milestones.load(id)
      },
      Milestone: { tasks: ({ id }, _, context) => context.tasks.load(id) }
    }
  }),
  context: () => ({
    children: new DataLoader(childrenOf),
    milestones: new DataLoader(milestonesOf),
    tasks: new DataLoader(tasksOf)
  }),
  graphiql: false,
  logging: false
})
const server = createServer(yoga)
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
