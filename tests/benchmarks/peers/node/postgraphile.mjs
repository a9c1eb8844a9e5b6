// PostGraphile 5 over views of the tables, with its recommended preset; it makes schema and SQL itself.
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

const server = createServer()
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({
    connectionString: process.env.DATABASE_URL,
    schemas: ['peers'],
    poolConfig: { max: 8 }
  })],
  schema: { defaultBehavior: '+list' },
  grafserv: { graphiql: false, watch: false, graphqlPath: '/graphql' }
})
await instance.createServ(grafserv).addTo(server)
await instance.getSchema()
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
