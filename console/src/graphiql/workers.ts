// Monaco does its heavy work in workers; these come from our own bundle. GraphiQL has a file like this one, which
// also writes to the browser's console.
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker.js?worker'
import JsonWorker from 'monaco-editor/esm/vs/language/json/json.worker.js?worker'
import GraphQLWorker from 'monaco-graphql/esm/graphql.worker.js?worker'

const WORKERS: Record<string, new () => Worker> = { json: JsonWorker, graphql: GraphQLWorker }

Object.assign(globalThis, {
  MonacoEnvironment: {
    getWorker: (_id: string, label: string) => new (WORKERS[label] ?? EditorWorker)(),
  },
})
