import { type GraphiQLPlugin, pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { Kind, type OperationDefinitionNode, parse } from 'graphql'
import { type SavedOperation, savedOperations } from './savedOperations'

/** The story's operations, one click away: each opens in a tab of its own. */
export const storyPlugin: GraphiQLPlugin = { title: 'Operazioni', icon: StoryIcon, content: Story }

function Story() {
  const { addTab, setOperationFacts } = useGraphiQLActions()
  const { queryEditor, variableEditor } = useGraphiQL(pick('queryEditor', 'variableEditor'))
  // The editors come a moment after the list; an operation opened before would be lost.
  const ready = queryEditor && variableEditor

  function open(operation: SavedOperation) {
    addTab()
    queryEditor?.setValue(operation.query)
    variableEditor?.setValue(operation.variables)
    // GraphiQL would find this out by itself, but too late for who runs the operation at once.
    const documentAST = parse(operation.query)
    const operations = documentAST.definitions.filter(isOperation)
    setOperationFacts({ documentAST, operations, operationName: operations[0]?.name?.value })
  }

  return (
    <section className="story" aria-label="Operazioni salvate">
      <h2>La storia, passo per passo</h2>
      <ol>
        {savedOperations.map((operation) => (
          <li key={operation.title}>
            <button type="button" disabled={!ready} onClick={() => open(operation)}>
              <strong>
                {operation.colour && <i className={operation.colour} />}
                {operation.title}
              </strong>
              <span>{operation.explanation}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}

function isOperation(definition: { kind: Kind }): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION
}

function StoryIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
      <path d="M5 4h14v16l-7-4-7 4z" strokeLinejoin="round" />
    </svg>
  )
}
