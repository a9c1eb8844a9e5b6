// mercurius on Fastify: its own loaders, and graphql-jit for every document from its second use.
import fastify from 'fastify'
import mercurius from 'mercurius'
import { childrenOf, milestonesOf, roots, schema, tasksOf } from './rows.mjs'

const batched = load => ({ loader: queries => load(queries.map(({ obj }) => obj.id)), opts: { cache: false } })

const app = fastify()
app.register(mercurius, {
  schema,
  resolvers: roots,
  loaders: {
    Ticket: { children: batched(childrenOf), milestones: batched(milestonesOf) },
    Milestone: { tasks: batched(tasksOf) }
  },
  jit: 1
})
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
