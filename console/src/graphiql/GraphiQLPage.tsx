import { explorerPlugin } from '@graphiql/plugin-explorer'
import { HISTORY_PLUGIN, GraphiQL } from 'graphiql'
import { fetcher } from './fetcher'
import { Header } from './Header'
import { savedOperations } from './savedOperations'
import { storyPlugin } from './StoryPlugin'

const PLUGINS = [storyPlugin, explorerPlugin(), HISTORY_PLUGIN]

// Only for a browser that comes for the first time; later it finds its own tabs again.
const FIRST_TABS = savedOperations.slice(0, 1)

export function GraphiQLPage() {
  return (
    <>
      <Header />
      <main>
        <GraphiQL
          fetcher={fetcher}
          plugins={PLUGINS}
          defaultTabs={FIRST_TABS}
          visiblePlugin={storyPlugin}
          defaultEditorToolsVisibility="variables"
        >
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  )
}
